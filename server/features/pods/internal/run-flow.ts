import type { Actor } from "#server/kernel/actor.ts";
import type { Deps } from "../../deps.ts";
import { startFlowRun } from "../../flows/index.ts";
import { watchRun } from "../../runs/index.ts";

/** Starts a flow on the engine for one in a pod, and waits for its end where that was asked for. */
export async function runFlowForPod(
  deps: Pick<Deps, "db" | "sql" | "live" | "clock" | "settings" | "log">,
  actor: Actor,
  { flowId, payload, wait }: { flowId: string; payload: unknown; wait: boolean },
  from: { requestId: string; idempotencyKey?: string | undefined; signal: AbortSignal },
) {
  const { requestId, idempotencyKey, signal } = from;
  const { runId, status } = await startFlowRun(deps, actor, {
    flowId,
    input: payload,
    trigger: "flow",
    idempotencyKey,
    requestId,
  });
  if (!wait) return { runId, status: status as string, output: null };
  for await (const _event of watchRun(deps, runId, 0, signal)) {
    // Only the end counts.
  }
  const run = await deps.db.run.findFirstOrThrow({
    where: { id: runId, workspaceId: actor.workspaceId },
    select: { status: true, output: true, error: true },
  });
  return { runId, status: run.status as string, output: run.error ? { error: run.error } : run.output };
}
