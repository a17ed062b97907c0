import type { Pool } from "pg";
import type { Run } from "#server/generated/prisma/client.ts";
import { claimRuns } from "./claim-runs.ts";
import type { NewEvent } from "./events.ts";
import { emptyPending, type Pending } from "./pending.ts";
import { writeParts } from "./write-parts.ts";

// What a worker does with the queue and the log, by hand.
const PLACES = 1_000;

export const claimed = async (sql: Pool): Promise<Run[]> =>
  (await claimRuns(sql, { free: Array.from({ length: 6 }, () => PLACES), share: PLACES, load: [] })).runs;

type HeldRun = Run & { leaseToken: string };

/** Claims what there is, this run among it. */
export async function claim(sql: Pool, id: string): Promise<HeldRun> {
  const run = (await claimed(sql)).find((one) => one.id === id);
  if (!run?.leaseToken) throw new Error(`run ${id} was not to be had`);
  return { ...run, leaseToken: run.leaseToken };
}

/** Writes to a run after event `after`; answers the number of the last event, or LeaseLost. */
export async function write(sql: Pool, run: HeldRun, after: number, pending: Partial<Pending>) {
  const { id, leaseToken, workspaceId, kind, userId } = run;
  const held = { id, leaseToken, workspaceId, kind, userId, requestId: undefined };
  const [reached] = await writeParts(sql, [{ run: held, after, pending: { ...emptyPending(), ...pending } }]);
  return reached;
}

export const append = (sql: Pool, run: HeldRun, after: number, events: NewEvent[]) =>
  write(sql, run, after, { events });
