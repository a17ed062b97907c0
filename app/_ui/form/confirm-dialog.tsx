"use client";

import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { useAfterMount } from "../load/use-after-mount.ts";
import { useWords } from "../words/locale.tsx";
import { defineWords } from "../words/locales.ts";
import type { ConfirmButtonProps } from "./confirm-button.tsx";
import { FormErrors } from "./form-errors.tsx";
import classes from "./form.module.css";

const confirmWords = defineWords({
  en: { keep: "Cancel", takes: "This takes along:" },
  de: { keep: "Abbrechen", takes: "Damit geht auch:" },
});

type Question = Pick<ConfirmButtonProps, "title" | "takes" | "description" | "confirm" | "onConfirm" | "danger">;

interface ConfirmDialogProps extends Question {
  opened: boolean;
  onClose: () => void;
}

/** The question of a `ConfirmButton`. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, onClose, title, takes = [], description, confirm, onConfirm, danger = true } = props;
  const words = useWords(confirmWords);
  const mounted = useAfterMount();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const close = () => {
    setError(undefined);
    onClose();
  };
  const act = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened={opened && mounted} onClose={close} title={title} closeOnClickOutside={!busy} closeOnEscape={!busy}>
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
          <Button variant="default" onClick={close} disabled={busy} data-autofocus>
            {words.keep}
          </Button>
          <Button {...(danger ? { color: "fault" } : {})} onClick={() => void act()} loading={busy}>
            {confirm}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
