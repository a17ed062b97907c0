"use client";

import { Button, Modal, type ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import { useWords } from "../words/locale.tsx";
import { defineWords } from "../words/locales.ts";
import { FormErrors } from "./form-errors.tsx";
import classes from "./form.module.css";

const confirmWords = defineWords({
  en: { keep: "Cancel", takes: "This takes along:" },
  de: { keep: "Abbrechen", takes: "Damit geht auch:" },
});

export interface ConfirmButtonProps extends Omit<ButtonProps, "onClick"> {
  children: ReactNode;
  /** The question: "Delete the flow “Stock check”?" */
  title: ReactNode;
  /** What the act takes along, one line each: "12 runs", "2 schedules". */
  takes?: string[];
  /** Whether and how it can be undone. */
  description?: ReactNode;
  /** The word on the button that does it, the verb of the question: "Delete". */
  confirm: ReactNode;
  /** The question closes when it resolves; when it rejects, the reason is shown in it. */
  onConfirm: () => Promise<unknown> | void;
  danger?: boolean;
}

/** Asks once before an act that cannot be taken back, and says what it takes along. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { children, title, takes = [], description, confirm, onConfirm, danger = true, ...button } = props;
  const words = useWords(confirmWords);
  const [opened, dialog] = useDisclosure(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const act = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      dialog.close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const open = () => {
    setError(undefined);
    dialog.open();
  };

  return (
    <>
      <Button variant="default" {...(danger ? { c: "var(--osf-fault)" } : {})} {...button} onClick={open}>
        {children}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={title} closeOnClickOutside={!busy} closeOnEscape={!busy}>
        <div className={classes.confirm}>
          {takes.length > 0 && (
            <div>
              <p>{words.takes}</p>
              <ul>
                {takes.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </div>
          )}
          {description && <p>{description}</p>}
          <FormErrors error={error} />
          <div className={classes.confirmActions}>
            <Button variant="default" onClick={dialog.close} disabled={busy} data-autofocus>
              {words.keep}
            </Button>
            <Button {...(danger ? { color: "fault" } : {})} onClick={() => void act()} loading={busy}>
              {confirm}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
