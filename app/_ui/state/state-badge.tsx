"use client";

import type { ReactNode } from "react";
import { useLocale } from "../words/locale.tsx";
import { StateIcon } from "./state-icon.tsx";
import { stateWord, type State } from "./states.ts";
import classes from "./state.module.css";

export interface StateBadgeProps {
  state: State;
  /** A better word than the state's own: "Published", "Failed at Check stock". */
  word?: ReactNode;
  /** `plain` has no ground: for tables and running text. */
  variant?: "tinted" | "plain";
  size?: "sm" | "md";
}

/** A state as colour, icon and word, always all three. */
export function StateBadge({ state, word, variant = "tinted", size = "md" }: StateBadgeProps) {
  const locale = useLocale();
  return (
    <span className={classes.badge} data-state={state} data-variant={variant} data-size={size}>
      <StateIcon state={state} size={size === "sm" ? 14 : 16} />
      <span className={classes.word}>{word ?? stateWord(state, locale)}</span>
    </span>
  );
}
