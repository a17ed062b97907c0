"use client";

import { Menu } from "@mantine/core";
import type { ReactElement } from "react";
import { OpeningMenu } from "../menu/opening-menu.tsx";

interface ColumnMenuProps {
  button: ReactElement;
  /** `fixed`: always shown. */
  entries: { id: string; header: string; shown: boolean; fixed: boolean }[];
  onChoose: (id: string, on: boolean) => void;
}

/** Which columns of a table are shown. */
export function ColumnMenu({ button, entries, onChoose }: ColumnMenuProps) {
  return (
    <OpeningMenu button={button} position="bottom-end" closeOnItemClick={false}>
      {entries.map(({ id, header, shown, fixed }) => (
        <Menu.CheckboxItem key={id} checked={shown} disabled={fixed} onChange={(on) => onChoose(id, on)}>
          {header}
        </Menu.CheckboxItem>
      ))}
    </OpeningMenu>
  );
}
