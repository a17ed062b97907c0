"use client";

import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail, RunError as Failure } from "#server/features/runs/schema.ts";
import { kindWords } from "./run-state.ts";
import type { RunStep } from "./run-steps.ts";
import { runWords } from "./run-words.ts";
import classes from "./runs.module.css";

/** Whose run it is, how long it takes, what it used. While it runs the calls are counted from its events. */
export function RunFacts({ run, steps }: { run: RunDetail; steps: RunStep[] }) {
  const words = useWords(runWords);
  const kinds = useWords(kindWords);
  const locale = useLocale();
  const { usage } = run;
  // the run's own count begins anew when it is taken up again
  const count = (of: RunStep["kind"], counted = 0) => Math.max(counted, steps.filter(({ kind }) => kind === of).length);
  const models = count("model", usage?.modelCalls);
  const tools = count("tool", usage?.toolCalls);
  return (
    <div className={classes.facts}>
      <KeyValue
        layout="columns"
        items={[
          { label: words.by, value: run.actorName },
          { label: words.kind, value: kinds[run.kind] },
          { label: words.trigger, value: words.triggers[run.trigger] ?? run.trigger },
          { label: words.started, value: <RelativeTime at={run.createdAt} /> },
          { label: words.took, value: run.startedAt ? <Duration from={run.startedAt} to={run.endedAt} /> : "–" },
          { label: words.calls, value: `${words.modelCalls(models)}, ${words.toolCalls(tools)}` },
          { label: words.tokensIn, value: usage ? formatNumber(usage.inputTokens, locale) : undefined },
          { label: words.tokensOut, value: usage ? formatNumber(usage.outputTokens, locale) : undefined },
          { label: words.attempt, value: run.attempt > 1 ? words.attempts(run.attempt) : undefined },
          { label: words.id, value: <ShortId id={run.id} /> },
        ]}
      />
    </div>
  );
}

/** Why it failed and what one can do. */
export function RunError({ error }: { error: Failure }) {
  const words = useWords(runWords);
  const remedy = error.code.startsWith("model.")
    ? words.whatToDo.model
    : error.code === "run.timeout"
      ? words.whatToDo.timeout
      : words.whatToDo.other;
  return (
    <div className={classes.error} role="alert">
      <StateBadge state="fault" word={words.failedBecause} variant="plain" />
      <p>{error.message}</p>
      <p>{remedy}</p>
      <code>{error.code}</code>
    </div>
  );
}
