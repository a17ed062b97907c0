import type { PoolClient } from "pg";
import { newId } from "../kernel/ids.ts";
import { liveMessage } from "../kernel/live.ts";
import { inTransaction } from "../kernel/transaction.ts";
import { seatKey, wantedTopic, type PodDeps, type Seat } from "./deps.ts";
import { recordPodEvent } from "./pod-events.ts";

/** A seat's pod as its row tells. */
export type SeatClaim =
  | { state: "ready"; podId: string; address: string; claimedAt: Date; version: string }
  | { state: "starting"; podId: string }
  /** All places are taken; `place` counts from 1. */
  | { state: "queued"; podId: string; place: number };

/** Who waits for a place and is not heard of for this long has gone. */
export const GONE_MS = 30_000;
const TOUCH_MS = 5_000;

interface Row {
  id: string;
  state: string;
  address: string | null;
  claimedAt: Date | null;
  lastSeenAt: Date | null;
  lastActivityAt: Date | null;
  version: string;
}

const FIND = `SELECT "id", "state"::text AS "state", "address", "claimedAt", "lastSeenAt", "lastActivityAt", "version" FROM "Pod" WHERE "seat" = $1`;
// Random among the warm: simultaneous claims of several processes rarely want the same one.
const TAKE_WARM = `
  UPDATE "Pod" SET "state" = 'claimed', "seat" = $1, "workspaceId" = $2, "userId" = $3, "claimedAt" = $4, "lastActivityAt" = $4
  WHERE "id" = (SELECT "id" FROM "Pod" WHERE "state" = 'warm' AND "version" = $5 AND "address" IS NOT NULL
                ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING "id", "address", "claimedAt", "version"`;

/** The seat's pod as it is, without asking for one. */
export async function findSeatPod(
  { sql, clock, settings }: Pick<PodDeps, "sql" | "clock" | "settings">,
  seat: Seat,
): Promise<SeatClaim | null> {
  const { rows } = await sql.query<Row>({ name: "pod-of-seat", text: FIND, values: [seatKey(seat)] });
  const [row] = rows;
  return row ? claimOf({ sql, clock, settings }, row) : null;
}

/**
 * The seat's pod: the one that it has, else a warm one, else one that is started for it; where all places are taken it
 * waits for its turn. Ask again (each second, say) until it is ready: asking keeps the place in the queue.
 * Two requests of one seat never get two pods, and no pod is ever two seats'.
 */
export async function claimPod(
  deps: Pick<PodDeps, "sql" | "clock" | "settings">,
  seat: Seat,
  version: string,
): Promise<SeatClaim> {
  const found = await findSeatPod(deps, seat);
  if (found?.state === "ready") return found;
  return inTransaction(deps.sql, (client) => claimLocked(deps, client, seat, version));
}

async function claimLocked(
  deps: Pick<PodDeps, "clock" | "settings">,
  sql: PoolClient,
  seat: Seat,
  version: string,
): Promise<SeatClaim> {
  const key = seatKey(seat);
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 20))", [key]);
  const now = deps.clock.now();
  // locked: it may just be getting its place from the controller
  const { rows } = await sql.query<Row>(`${FIND} FOR UPDATE`, [key]);
  const [row] = rows;
  const waits = row?.state === "starting" && row.lastSeenAt === null;
  if (row && !waits) return claimOf({ ...deps, sql }, row);
  // Whoever waits for a place gives it up for a pod that became free, which needs the unique seat.
  if (row) await sql.query(`UPDATE "Pod" SET "seat" = NULL WHERE "id" = $1 AND "lastSeenAt" IS NULL`, [row.id]);
  const taken = await sql.query<{ id: string; address: string; claimedAt: Date; version: string }>(TAKE_WARM, [
    key,
    seat.workspaceId,
    seat.userId,
    now,
    version,
  ]);
  const [warm] = taken.rows;
  if (warm) {
    if (row) await sql.query(`DELETE FROM "Pod" WHERE "id" = $1`, [row.id]);
    await recordPodEvent(sql, now, "claimed", { podId: warm.id, seat: key, state: "claimed" }, { from: "warm" });
    return { state: "ready", podId: warm.id, address: warm.address, claimedAt: warm.claimedAt, version: warm.version };
  }
  if (row) {
    await sql.query(`UPDATE "Pod" SET "seat" = $2, "lastActivityAt" = $3 WHERE "id" = $1`, [row.id, key, now]);
    return claimOf({ ...deps, sql }, row);
  }
  const id = newId("pod", now.getTime());
  await sql.query(
    `INSERT INTO "Pod" ("id", "driver", "state", "workspaceId", "userId", "seat", "version", "createdAt", "lastActivityAt")
     VALUES ($1, $2, 'starting', $3, $4, $5, $6, $7, $7)`,
    [id, deps.settings.pods.driver, seat.workspaceId, seat.userId, key, version, now],
  );
  await sql.query("SELECT pg_notify($1, $2)", liveMessage(wantedTopic));
  return claimOf(
    { ...deps, sql },
    { id, state: "starting", address: null, claimedAt: null, lastSeenAt: null, lastActivityAt: now, version },
  );
}

async function claimOf(
  { sql, clock, settings }: { sql: Pick<PoolClient, "query">; clock: PodDeps["clock"]; settings: PodDeps["settings"] },
  row: Row,
): Promise<SeatClaim> {
  if (row.state === "claimed" && row.address !== null)
    return {
      state: "ready",
      podId: row.id,
      address: row.address,
      claimedAt: row.claimedAt ?? clock.now(),
      version: row.version,
    };
  if (row.lastSeenAt !== null) return { state: "starting", podId: row.id };
  const now = clock.now();
  if (!row.lastActivityAt || now.getTime() - row.lastActivityAt.getTime() > TOUCH_MS)
    await sql.query(`UPDATE "Pod" SET "lastActivityAt" = $2 WHERE "id" = $1`, [row.id, now]);
  const { rows } = await sql.query<{ before: string; taken: string }>(
    `SELECT count(*) FILTER (WHERE "lastSeenAt" IS NULL AND "id" < $1) AS "before",
            count(*) FILTER (WHERE "lastSeenAt" IS NOT NULL) AS "taken"
     FROM "Pod" WHERE "state" IN ('starting', 'warm', 'claimed', 'draining')`,
    [row.id],
  );
  const { before = "0", taken = "0" } = rows[0] ?? {};
  const over = Number(taken) + Number(before) - settings.pods.limit;
  return over < 0
    ? { state: "starting", podId: row.id }
    : { state: "queued", podId: row.id, place: Number(before) + 1 };
}
