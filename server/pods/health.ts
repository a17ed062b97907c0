import type { PodSeen } from "./driver.ts";
import type { Reclaim } from "./reclaim.ts";
import { markEnded, type PodRow } from "./rows.ts";

const EVERY_MS = 10_000;
const ANSWER_MS = 5_000;
/** So often in a row without an answer, and the pod is taken for dead: its event loop is held by somebody's code. */
const MISSES = 3;
/** Resident memory; the heap alone is bounded by V8. */
const MEMORY_MB = 1_024;

/** Looks at each pod now and then; one that does not answer any more, or takes too much memory, is ended. */
export function createHealthCheck(
  { deps, driver, client }: Reclaim,
  /** Told which revision of its flows a pod has. */
  onRevision: (row: PodRow, revision: number) => void,
) {
  const asked = new Map<string, number>();
  const misses = new Map<string, number>();

  async function end(id: string, event: "health-failed" | "memory", reason: string): Promise<void> {
    misses.delete(id);
    await markEnded(deps, id, "failed", event, reason);
    await driver.delete(id, 0);
  }

  async function check(row: PodRow): Promise<void> {
    const { id, address } = row;
    if (address === null) return;
    try {
      const { busy, revision } = await client.health({ id, address }, ANSWER_MS);
      misses.delete(id);
      if (revision !== null) onRevision(row, revision);
      await deps.sql.query(`UPDATE "Pod" SET "busy" = $2 WHERE "id" = $1 AND "busy" IS DISTINCT FROM $2::jsonb`, [
        id,
        JSON.stringify(busy),
      ]);
    } catch (err) {
      const missed = (misses.get(id) ?? 0) + 1;
      misses.set(id, missed);
      deps.log.warn({ err, podId: id, missed }, "a pod does not answer");
      if (missed >= MISSES) await end(id, "health-failed", "it did not answer any more: code of a flow held it up");
    }
  }

  function due(row: PodRow, memoryMb: number, now: number): Promise<void> | undefined {
    if (memoryMb > MEMORY_MB)
      return end(row.id, "memory", `it took ${memoryMb} MB of memory; ${MEMORY_MB} is the limit`);
    if (row.state !== "warm" && row.state !== "claimed") return undefined;
    if (now - (asked.get(row.id) ?? 0) <= EVERY_MS) return undefined;
    asked.set(row.id, now);
    return check(row);
  }

  return {
    look(rows: readonly PodRow[], seen: ReadonlyMap<string, PodSeen>): void {
      const now = Date.now();
      const alive = new Set(rows.map(({ id }) => id));
      for (const id of [...asked.keys()].filter((one) => !alive.has(one))) {
        asked.delete(id);
        misses.delete(id);
      }
      for (const row of rows) {
        const memoryMb = seen.get(row.id)?.memoryMb ?? 0;
        const work = due(row, memoryMb, now);
        work?.catch((err: unknown) => deps.log.warn({ err, podId: row.id }, "checking a pod failed"));
      }
    },
  };
}
