"use client";

import { Avatar, UnstyledButton } from "@mantine/core";
import { MenuOnDemand } from "../menu/menu-on-demand.tsx";
import { useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { UserSlot } from "./types.ts";
import classes from "./shell.module.css";

const loadEntries = () => import("./user-menu-entries.tsx").then((module) => module.UserMenuEntries);

export function UserMenu(user: UserSlot) {
  const words = useWords(shellWords);
  return (
    <MenuOnDemand
      load={loadEntries}
      props={user}
      button={
        <UnstyledButton className={classes.slot} aria-label={`${words.account}: ${user.name}`}>
          <Avatar size={26} radius="xl" color="petrol" name={user.name} />
        </UnstyledButton>
      }
    />
  );
}
