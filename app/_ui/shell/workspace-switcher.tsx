"use client";

import { UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { MenuOnDemand } from "../menu/menu-on-demand.tsx";
import { useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { WorkspaceSlot } from "./types.ts";
import classes from "./shell.module.css";

const loadMenu = () => import("./workspace-menu.tsx").then((module) => module.WorkspaceMenu);

export function WorkspaceSwitcher(workspace: WorkspaceSlot) {
  const words = useWords(shellWords);
  return (
    <MenuOnDemand
      load={loadMenu}
      props={workspace}
      button={
        <UnstyledButton className={classes.slot} aria-label={`${words.workspace}: ${workspace.current.name}`}>
          <span className={classes.workspaceName}>{workspace.current.name}</span>
          <IconChevronDown size={14} aria-hidden="true" />
        </UnstyledButton>
      }
    />
  );
}
