import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { startFlowRun, type FlowRunInput, type StartedFlow } from "../flows/index.ts";
import { findRun } from "./find-runs.ts";
import type { RetryRun } from "./steps.schema.ts";

/**
 * Runs a flow again as a run of it was begun, or with another input: a new run, of the flow as it is now. Throws
 * `invalid` (`run.retry-from`, `run.retry-kind`), and what starting a flow throws.
 */
export async function retryRun(
  deps: Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings">,
  actor: Actor,
  { id, from, input, withoutInput }: RetryRun & { id: string },
  by: { idempotencyKey?: string | undefined; requestId?: string | undefined },
): Promise<StartedFlow> {
  const run = await findRun(deps, actor, id);
  if (run.kind !== "flow" || !run.subjectId)
    throw new AppError(
      "invalid",
      "run.retry-kind",
      run.kind === "chat"
        ? "This is the answer to a question: let it be written anew in its conversation"
        : "Only runs of flows can be repeated",
    );
  if (from !== "start")
    throw new AppError("invalid", "run.retry-from", `A run can be repeated from its start: send "from": "start"`, {
      fields: [{ path: "from", message: `Must be "start"` }],
    });
  const begun = run.input as unknown as FlowRunInput; // written by startFlowRun alone
  const same = { input: begun.payload, ...(begun.request ? { request: begun.request } : {}) };
  const other = withoutInput ? {} : { input };
  return startFlowRun(deps, actor, {
    flowId: run.subjectId,
    start: begun.start.node,
    trigger: "retry",
    ...(input === undefined && !withoutInput ? same : other),
    ...by,
  });
}
