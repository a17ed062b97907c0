"use client";

import { formatDuration } from "#app/_ui/time/format-time.ts";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { LogLine } from "./flow-log.ts";
import { flowRunWords } from "./flow-run-words.ts";
import classes from "./flow-runs.module.css";

/** Drawn at most; the newest. */
const MOST = 500;

/** What nodes logged, with the time since the run was created. */
export function LogLines(props: { lines: LogLine[]; start: Date; nameOf?: (node: string) => string }) {
  const { lines, start, nameOf } = props;
  const words = useWords(flowRunWords);
  const locale = useLocale();
  if (lines.length === 0) return <p className={classes.note}>{words.noLogs}</p>;
  return (
    <div className={classes.lines} role="region" aria-label={words.logs} tabIndex={0}>
      <ol>
        {lines.slice(-MOST).map((line) => (
          <li key={line.seq} data-level={line.level}>
            <span className={classes.at}>+{formatDuration(line.at - start.getTime(), locale)}</span>
            <span className={classes.level}>{line.level}</span>
            <span>
              {nameOf && <strong>{nameOf(line.node)} </strong>}
              {line.message}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
