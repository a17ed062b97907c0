"use client";

import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import Link from "next/link";
import { useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { WorkspaceSlot } from "./types.ts";
import classes from "./shell.module.css";

const NO_LINKS: NonNullable<WorkspaceSlot["links"]> = [];

export function WorkspaceSwitcher({ current, all, onSwitch, links = NO_LINKS }: WorkspaceSlot) {
  const words = useWords(shellWords);
  return (
    <Menu position="bottom-start" width={260} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className={classes.slot} aria-label={`${words.workspace}: ${current.name}`}>
          <span className={classes.workspaceName}>{current.name}</span>
          <IconChevronDown size={14} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
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
      </Menu.Dropdown>
    </Menu>
  );
}
