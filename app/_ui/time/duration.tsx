"use client";

import { useLocale, useNow } from "../words/locale.tsx";
import { clockTime, formatDuration } from "./format-time.ts";
import { toMs, type Instant } from "./relative-time.tsx";
import classes from "./time.module.css";

const SECOND = () => 1000;
const STILL = () => null;

/** A length in ms ("1.2 s"), or from an instant to another; without an end it runs like a clock ("00:12"). */
export function Duration(props: { ms: number } | { from: Instant; to?: Instant | null | undefined }) {
  const locale = useLocale();
  const running = !("ms" in props) && !props.to;
  const now = useNow(running ? SECOND : STILL);
  if ("ms" in props) return <span className={classes.figure}>{formatDuration(props.ms, locale)}</span>;
  const start = toMs(props.from);
  return (
    <span className={classes.figure} {...(running ? { role: "timer", "aria-live": "off" as const } : {})}>
      {props.to ? formatDuration(toMs(props.to) - start, locale) : clockTime(now - start)}
    </span>
  );
}
