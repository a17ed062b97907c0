import { AppError } from "../kernel/errors.ts";
import type { PodDeps } from "./deps.ts";
import type { PodDriver } from "./driver.ts";
import { isBusy, type PodClient } from "./pod-client.ts";
import { markDraining, markEnded, undoDraining, type PodRow } from "./rows.ts";

type Deps = Pick<PodDeps, "sql" | "clock" | "settings" | "log">;
export interface Reclaim {
  deps: Deps;
  driver: PodDriver;
  client: PodClient;
}

/** How long running work may go on in a pod that is to end. */
export const GRACE_MS = 60_000;
/** While people wait for a place, pods are taken back sooner. */
const PRESSED_MINUTES = 5;

const isQuiet = ({ busy }: PodRow) => !busy || !isBusy(busy);

/** Since when a pod must have been unused to be taken back now. */
export function idleSince({ clock, settings }: Pick<Deps, "clock" | "settings">, waiting: number): Date {
  const minutes = waiting > 0 ? Math.min(PRESSED_MINUTES, settings.pods.idleMinutes) : settings.pods.idleMinutes;
  return new Date(clock.now().getTime() - minutes * 60_000);
}

/** The claimed pods that nobody uses and that do nothing. */
export const idlePods = (rows: readonly PodRow[], since: Date): PodRow[] =>
  rows.filter((row) => row.state === "claimed" && isQuiet(row) && (row.lastActivityAt ?? row.createdAt) <= since);

/**
 * Takes an idle pod back: it is asked whether it does anything, taken from its seat, asked once more, and ended. A pod
 * that works keeps its seat.
 */
export async function takeBack(
  { deps, driver, client }: Reclaim,
  row: PodRow,
  event: "idle" | "outdated",
  since: Date,
): Promise<void> {
  if (await works(client, row)) return;
  if (!(await markDraining(deps, row, event === "idle" ? "nobody used it" : "it is of an older version", since)))
    return;
  if ((await works(client, row)) && (await undoDraining(deps, row))) return;
  await driver.delete(row.id, GRACE_MS);
  await markEnded(deps, row.id, "terminated", event, event === "idle" ? "nobody used it" : "it is of an older version");
}

/** Whether a pod says that it works. One that does not answer is for the health check. */
async function works(client: PodClient, { id, address }: PodRow): Promise<boolean> {
  if (address === null) return false;
  try {
    return isBusy((await client.health({ id, address })).busy);
  } catch (error) {
    if (error instanceof AppError) return true; // not known: it stays, until the health check has decided
    throw error;
  }
}

/** Ends a pod that is nobody's. */
export async function endSurplus({ deps, driver }: Reclaim, row: PodRow, event: "surplus" | "outdated"): Promise<void> {
  const reason = event === "surplus" ? "fewer warm pods are wanted" : "it is of an older version";
  if (!(await markDraining(deps, row, reason))) return;
  await driver.delete(row.id, 2_000);
  await markEnded(deps, row.id, "terminated", event, reason);
}
