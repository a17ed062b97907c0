"use client";

import { Tooltip } from "../tooltip/tooltip.tsx";
import { useLocale, useNow } from "../words/locale.tsx";
import { exactTime, relativeTime, tickFor } from "./format-time.ts";
import classes from "./time.module.css";

export type Instant = Date | string | number;

export const toMs = (instant: Instant): number =>
  instant instanceof Date ? instant.getTime() : new Date(instant).getTime();

/** "3 min ago", ticking; the exact time in the reader's zone on hover or focus. */
export function RelativeTime({ at }: { at: Instant }) {
  const locale = useLocale();
  const ms = toMs(at);
  const now = useNow((present) => tickFor(present - ms));
  if (Number.isNaN(ms)) return <span>–</span>;
  return (
    <Tooltip label={<Exact ms={ms} />}>
      <time dateTime={new Date(ms).toISOString()} className={classes.time}>
        {relativeTime(ms, now, locale)}
      </time>
    </Tooltip>
  );
}

// Rendered only once the tooltip opens, hence never on the server.
function Exact({ ms }: { ms: number }) {
  return exactTime(ms, useLocale());
}
