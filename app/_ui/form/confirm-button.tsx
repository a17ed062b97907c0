"use client";

import { Button, type ButtonProps } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState, type ReactNode } from "react";

const loadDialog = () => import("./confirm-dialog.tsx").then((module) => module.ConfirmDialog);
const ConfirmDialog = dynamic(loadDialog, { ssr: false });
const NO_LINES: string[] = [];

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
  const { children, title, takes = NO_LINES, description, confirm, onConfirm, danger = true, ...button } = props;
  const [opened, setOpened] = useState<boolean | null>(null);
  // the question's script comes when the pointer or the keyboard is on the button; a failure is told when it is pressed
  const prepare = () => void loadDialog().catch(() => undefined);
  return (
    <>
      <Button
        variant="default"
        {...(danger ? { c: "var(--osf-fault)" } : {})}
        {...button}
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={() => setOpened(true)}
      >
        {children}
      </Button>
      {opened !== null && (
        <ConfirmDialog
          opened={opened}
          onClose={() => setOpened(false)}
          {...{ title, takes, description, confirm, onConfirm, danger }}
        />
      )}
    </>
  );
}
