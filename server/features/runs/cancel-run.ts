import { authorise, type Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { endRun } from "./end-run.ts";
import { findRun, runView } from "./find-runs.ts";
import type { RunSettler } from "./kinds.ts";
import { LeaseLost } from "./lease.ts";
import { hasEnded, type RunView } from "./schema.ts";

/**
 * Ends a run now, whatever it is doing, and the runs that it started: a guarded update each, and a word to the worker
 * that executes it. Whoever started it may; others need `run.control`. Throws `conflict` (`run.ended`) when it is over already.
 */
export async function cancelRun(
  deps: Pick<Deps, "db">,
  settlers: readonly RunSettler[],
  actor: Actor,
  { id }: { id: string },
): Promise<RunView> {
  const run = await findRun(deps, actor, id);
  if (run.userId !== actor.userId) authorise(actor, "run.control");
  const over = new AppError("conflict", "run.ended", "This run is over already");
  if (hasEnded(run.status)) throw over;
  try {
    const ended = await deps.db.$transaction((tx) => endRun(tx, settlers, id, null, { status: "cancelled" }));
    await cancelChildren(deps, settlers, id);
    return runView(ended);
  } catch (error) {
    throw error instanceof LeaseLost ? over : error;
  }
}

/** Ends what a run had started and waited for, whoever executes it. */
async function cancelChildren(deps: Pick<Deps, "db">, settlers: readonly RunSettler[], parentRunId: string) {
  const children = await deps.db.run.findMany({ where: { parentRunId, endedAt: null }, select: { id: true } });
  for (const { id } of children) {
    await deps.db
      .$transaction((tx) => endRun(tx, settlers, id, null, { status: "cancelled" }))
      .catch((error: unknown) => {
        if (!(error instanceof LeaseLost)) throw error;
      });
    await cancelChildren(deps, settlers, id);
  }
}
