"use client";

import { UnstyledButton } from "@mantine/core";
import { IconInbox, IconPlayerPlay } from "@tabler/icons-react";
import Link from "next/link";
import { StateIcon } from "../state/state-icon.tsx";
import { stateWord } from "../state/states.ts";
import { Tooltip } from "../tooltip/tooltip.tsx";
import { useLocale, useWords } from "../words/locale.tsx";
import { shellWords } from "./shell-words.ts";
import type { CountSlot, ModelSlot } from "./types.ts";
import classes from "./shell.module.css";

/** Which model answers here and how it is; always the three of icon, word (on hover) and colour. */
export function ModelState({ state, name, detail, href }: ModelSlot) {
  const words = useWords(shellWords);
  const locale = useLocale();
  const said = `${words.model}: ${name}. ${detail ?? stateWord(state, locale)}`;
  const inside = (
    <>
      <StateIcon state={state} size={16} />
      <span className={classes.modelName}>{name}</span>
    </>
  );
  return (
    <Tooltip label={said} maw={280}>
      {href ? (
        <Link href={href} className={classes.slot} aria-label={said}>
          {inside}
        </Link>
      ) : (
        <UnstyledButton className={classes.slot} aria-label={said}>
          {inside}
        </UnstyledButton>
      )}
    </Tooltip>
  );
}

/** A live count that leads to its list. */
export function CountLink({ kind, count, href }: CountSlot & { kind: "runs" | "inbox" }) {
  const said = useWords(shellWords)[kind](count);
  const Icon = kind === "runs" ? IconPlayerPlay : IconInbox;
  return (
    <Tooltip label={said}>
      <Link href={href} className={classes.slot} data-kind={kind} data-some={count > 0 || undefined} aria-label={said}>
        <Icon size={18} stroke={1.75} aria-hidden="true" />
        <span className={classes.count} aria-hidden="true">
          {count > 99 ? "99+" : count}
        </span>
      </Link>
    </Tooltip>
  );
}
