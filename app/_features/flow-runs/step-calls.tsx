"use client";

import { JsonView } from "#app/_ui/json/json-view.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/theme/palette.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunStepDetail } from "#server/features/runs/steps.schema.ts";
import { flowRunWords } from "./flow-run-words.ts";
import classes from "./flow-runs.module.css";

type Call = RunStepDetail["calls"][number];
const CALL_STATE: Record<Call["state"], State> = { begun: "running", done: "ok", failed: "fault" };

/** What a step asked for outside: tools, models, people. */
export function StepCalls({ calls }: { calls: Call[] }) {
  const words = useWords(flowRunWords);
  if (calls.length === 0) return <p className={classes.note}>{words.noCalls}</p>;
  return (
    <div className={classes.outputs}>
      {calls.map(({ n, op, args, state, result }) => (
        <section key={n}>
          <h3>
            {words.ops[op] ?? op}{" "}
            <StateBadge state={CALL_STATE[state]} word={words.callStates[state]} size="sm" variant="plain" />
          </h3>
          <p className={classes.part}>{words.args}</p>
          <JsonView value={args} depth={2} maxHeight="14rem" />
          {state !== "begun" && (
            <>
              <p className={classes.part}>{words.result}</p>
              <JsonView value={result} depth={2} maxHeight="18rem" />
            </>
          )}
        </section>
      ))}
    </div>
  );
}
