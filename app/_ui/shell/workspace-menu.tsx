"use client";

import { Menu } from "@mantine/core";
import Link from "next/link";
import type { ReactElement } from "react";
import { OpeningMenu } from "../menu/opening-menu.tsx";
import { useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { WorkspaceSlot } from "./types.ts";
import classes from "./shell.module.css";

const NO_LINKS: NonNullable<WorkspaceSlot["links"]> = [];

/** The workspaces to change to. */
export function WorkspaceMenu(props: WorkspaceSlot & { button: ReactElement }) {
  const { current, all, onSwitch, links = NO_LINKS, button } = props;
  const words = useWords(shellWords);
  return (
    <OpeningMenu button={button} position="bottom-start" width={260} withinPortal={false}>
      <Menu.Label>{words.workspace}</Menu.Label>
      <Menu.RadioGroup value={current.id} onChange={(id) => id !== current.id && onSwitch(id)}>
        {all.map((one) => (
          <Menu.RadioItem key={one.id} value={one.id} closeMenuOnClick>
            {one.name}
            {one.detail && <span className={classes.detail}>{one.detail}</span>}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      {links.length > 0 && <Menu.Divider />}
      {links.map((link) => (
        <Menu.Item key={link.href} component={Link} href={link.href}>
          {link.label}
        </Menu.Item>
      ))}
    </OpeningMenu>
  );
}
