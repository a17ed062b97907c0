import type { Run } from "#server/generated/prisma/client.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { hasEnded, SUSPENDED, watchRun } from "../runs/index.ts";

export interface AwaitRun {
  signal: AbortSignal;
  /** Milliseconds after which the run is left to itself. */
  timeoutMs: number;
  /** Told of each step that ended, and of each change of state. */
  progress?: ((told: number, message: string) => void) | undefined;
}

/**
 * Waits until a run has ended, or rests until a person decides something, or the time is up; answers its row then.
 * Rejects with the signal's reason. The caller has made sure that the run may be seen.
 */
export async function awaitRun(
  { db, live }: Pick<Deps, "db" | "live">,
  runId: string,
  { signal, timeoutMs, progress }: AwaitRun,
): Promise<Run> {
  const row = async () => {
    const run = await db.run.findUnique({ where: { id: runId } });
    if (!run) throw missing("run");
    return run;
  };
  const over = ({ status }: Run) => hasEnded(status) || SUSPENDED.includes(status as (typeof SUSPENDED)[number]); // a list of some statuses
  const first = await row();
  if (over(first)) return first;
  const late = AbortSignal.timeout(timeoutMs);
  let ended = 0;
  let told = 0;
  for await (const { type, data } of watchRun({ db, live }, runId, first.lastSeq, AbortSignal.any([signal, late]))) {
    if (type === "suspended") break;
    if (type === "steps") {
      const steps = data["steps"] as { status?: string }[]; // written by the runs alone
      ended += steps.filter(({ status }) => status === "done" || status === "failed").length;
      progress?.(++told, `${ended} steps done`);
    }
    if (type === "status") progress?.(++told, String(data["status"]));
  }
  signal.throwIfAborted();
  return row();
}
