import { AppError } from "#server/kernel/errors.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Deps } from "../../deps.ts";
import { cancelRun, hasEnded, watchRun, type Execution } from "../../runs/index.ts";
import { startFlowRun } from "../start-flow-run.ts";

type FlowDeps = Pick<Deps, "db" | "sql" | "live" | "clock" | "settings" | "log">;

/** Who started the run, as one who starts another: it may no more than they. */
export const starterAsActor = ({ run, actor, scopes }: Pick<Execution, "run" | "actor" | "scopes">): Actor => ({
  ...actor,
  email: "",
  owner: false,
  credentialId: run.id,
  scopes,
});

export interface Child {
  runId: string;
  status: string;
}

/** `flow.run`, its beginning: the same `key` finds the run that it began before. */
export async function startChild(
  deps: FlowDeps,
  execution: Execution,
  { flow, payload }: { flow: string; payload?: unknown },
  key: string,
): Promise<Child> {
  const { runId, status } = await startFlowRun(deps, starterAsActor(execution), {
    flowId: flow,
    input: payload,
    trigger: "flow",
    idempotencyKey: key,
    parentRunId: execution.run.id,
    requestId: execution.requestId,
  });
  return { runId, status };
}

/** Waits for the end of a run. Throws `unprocessable` (`flow.sub-flow-failed`) where that is no success. */
export async function awaitChild(deps: FlowDeps, runId: string, signal: AbortSignal) {
  const row = () =>
    deps.db.run.findUnique({
      where: { id: runId },
      select: { status: true, output: true, error: true, title: true, lastSeq: true },
    });
  const before = await row();
  if (before && !hasEnded(before.status)) for await (const _ of watchRun(deps, runId, before.lastSeq, signal)); // the last event is its end
  signal.throwIfAborted();
  const run = hasEnded(before?.status ?? "queued") ? before : await row();
  if (run?.status === "completed") return { runId, status: run.status, output: run.output ?? null };
  const { message } = (run?.error ?? {}) as { message?: string }; // written by the runs alone
  throw new AppError(
    "unprocessable",
    "flow.sub-flow-failed",
    `The flow ${run?.title ?? runId} that was called ended as ${run?.status ?? "deleted"}${message ? `: ${message}` : ""}`,
  );
}

/** After the run let go of its children: where it is over, they are too. */
export async function cancelChildren(
  deps: Pick<Deps, "db">,
  execution: Execution,
  children: Iterable<string>,
): Promise<void> {
  const actor = starterAsActor(execution);
  for (const id of children)
    // Over already, in most cases.
    await cancelRun(deps, [], { ...actor, role: "admin", scopes: null }, { id }).catch(() => undefined);
}
