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
  const first = entries.find(({ fixed }) => !fixed);
  return (
    <OpeningMenu button={button} position="bottom-end" closeOnItemClick={false}>
      {entries.map((entry) => (
        <Menu.CheckboxItem
          key={entry.id}
          checked={entry.shown}
          disabled={entry.fixed}
          onChange={(on) => onChoose(entry.id, on)}
          // the first entry cannot be chosen and takes no focus; without it no key would reach the menu
          data-autofocus={entry === first || undefined}
        >
          {entry.header}
        </Menu.CheckboxItem>
      ))}
    </OpeningMenu>
  );
}
