"use client";

import { Anchor, Button } from "@mantine/core";
import Link from "next/link";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail, RunError } from "#server/features/runs/schema.ts";
import { runWords } from "../runs/run-words.ts";
import type { FlowLog } from "./flow-log.ts";
import { flowRunWords } from "./flow-run-words.ts";
import classes from "./flow-runs.module.css";

/** Whose run it is, of what, how long it takes and what it used. */
export function FlowRunFacts({ run, log, revision }: { run: RunDetail; log: FlowLog; revision: number | null }) {
  const words = useWords(flowRunWords);
  const general = useWords(runWords);
  const locale = useLocale();
  const { usage } = run;
  let failed = 0;
  for (const tally of log.nodes.values()) failed += tally.failed;
  const count = words.stepCount(log.steps.length, formatNumber(log.steps.length, locale));
  const calls = usage
    ? [
        usage.modelCalls > 0 ? general.modelCalls(usage.modelCalls) : "",
        usage.toolCalls > 0 ? general.toolCalls(usage.toolCalls) : "",
      ].filter(Boolean)
    : [];
  const tokens = usage ? usage.inputTokens + usage.outputTokens : 0;
  const parent = run.parentRunId;
  return (
    <div className={classes.facts}>
      <KeyValue
        layout="columns"
        items={[
          { label: general.by, value: run.actorName },
          { label: general.trigger, value: general.triggers[run.trigger] ?? run.trigger },
          {
            label: words.parent,
            value: parent && (
              <Anchor component={Link} href={`/runs/${parent}`} inherit>
                {words.parentRun}
              </Anchor>
            ),
          },
          { label: words.revision, value: revision },
          { label: general.started, value: <RelativeTime at={run.createdAt} /> },
          { label: general.took, value: run.startedAt ? <Duration from={run.startedAt} to={run.endedAt} /> : "–" },
          {
            label: words.steps,
            value: failed > 0 ? `${count}, ${words.failedSteps(formatNumber(failed, locale))}` : count,
          },
          { label: general.calls, value: calls.length > 0 ? calls.join(", ") : undefined },
          { label: general.tokens, value: tokens > 0 ? formatNumber(tokens, locale) : undefined },
          { label: general.attempt, value: run.attempt > 1 ? general.attempts(run.attempt) : undefined },
          { label: general.id, value: <ShortId id={run.id} /> },
        ]}
      />
    </div>
  );
}

/** Why it failed, and the step at which it did. */
export function FlowRunError(props: {
  error: RunError;
  log: FlowLog;
  nameOf: (node: string) => string;
  onShow: (seq: number) => void;
}) {
  const { error, log, nameOf, onShow } = props;
  const words = useWords(flowRunWords);
  const general = useWords(runWords);
  const failed = log.steps.findLast((step) => step?.status === "failed");
  return (
    <div className={classes.error} role="alert">
      <StateBadge
        state="fault"
        word={failed ? words.failedAt(nameOf(failed.node)) : general.failedBecause}
        variant="plain"
      />
      <p>{error.message}</p>
      {failed?.error && !error.message.includes(failed.error.message) && <p>{failed.error.message}</p>}
      <div className={classes.errorFoot}>
        <code>{error.code}</code>
        {failed && (
          <Button size="compact-sm" variant="default" onClick={() => onShow(failed.seq)}>
            {general.look}
          </Button>
        )}
      </div>
    </div>
  );
}
