import type { PodDeps } from "./deps.ts";
import { recordPodEvent, type PodEventType } from "./pod-events.ts";
import type { PodBusy } from "./pod-client.ts";

export interface PodRow {
  id: string;
  state: "starting" | "warm" | "claimed" | "draining";
  address: string | null;
  workspaceId: string | null;
  userId: string | null;
  seat: string | null;
  version: string;
  busy: PodBusy | null;
  createdAt: Date;
  readyAt: Date | null;
  lastActivityAt: Date | null;
  /** Null: nobody asked the driver for it yet. */
  lastSeenAt: Date | null;
}

type Sql = Pick<PodDeps, "sql" | "clock">;

/** All pods that are not over, in the order in which they were asked for. */
export async function activePods({ sql }: Pick<PodDeps, "sql">): Promise<PodRow[]> {
  const { rows } = await sql.query<PodRow>(
    `SELECT "id", "state"::text AS "state", "address", "workspaceId", "userId", "seat", "version", "busy", "createdAt", "readyAt",
            "lastActivityAt", "lastSeenAt"
     FROM "Pod" WHERE "state" IN ('starting', 'warm', 'claimed', 'draining') ORDER BY "id"`,
  );
  return rows;
}

export async function createWarmRow(
  { sql, clock, settings }: Pick<PodDeps, "sql" | "clock" | "settings">,
  id: string,
  version: string,
) {
  await sql.query(
    `INSERT INTO "Pod" ("id", "driver", "state", "version", "createdAt") VALUES ($1, $2, 'starting', $3, $4)`,
    [id, settings.pods.driver, version, clock.now()],
  );
}

/** Marks a row as asked for. False: somebody else did, or it is over. */
export async function markAsked({ sql, clock }: Sql, row: Pick<PodRow, "id" | "seat">): Promise<boolean> {
  const now = clock.now();
  const { rowCount } = await sql.query(
    `UPDATE "Pod" SET "lastSeenAt" = $2 WHERE "id" = $1 AND "state" = 'starting' AND "lastSeenAt" IS NULL`,
    [row.id, now],
  );
  if (rowCount !== 1) return false;
  await recordPodEvent(sql, now, "created", { podId: row.id, seat: row.seat, state: "starting" });
  return true;
}

/** A pod that listens: warm, or its seat's where one waits for it. */
export async function markReady({ sql, clock }: Sql, id: string, address: string): Promise<void> {
  const now = clock.now();
  const { rows } = await sql.query<{ state: string; seat: string | null; createdAt: Date }>(
    `UPDATE "Pod" SET "address" = $2, "readyAt" = $3, "lastSeenAt" = $3,
       "state" = CASE WHEN "seat" IS NULL THEN 'warm'::"PodState" ELSE 'claimed'::"PodState" END,
       "claimedAt" = CASE WHEN "seat" IS NULL THEN NULL ELSE $3::timestamptz END,
       "lastActivityAt" = CASE WHEN "seat" IS NULL THEN NULL ELSE $3::timestamptz END
     WHERE "id" = $1 AND "state" = 'starting' RETURNING "state"::text AS "state", "seat", "createdAt"`,
    [id, address, now],
  );
  const [row] = rows;
  if (!row) return;
  const ms = now.getTime() - row.createdAt.getTime();
  await recordPodEvent(sql, now, "ready", { podId: id, seat: row.seat, state: row.state }, { ms });
  const after = new Date(now.getTime() + 1); // the history is read in the order of its times
  if (row.seat)
    await recordPodEvent(sql, after, "claimed", { podId: id, seat: row.seat, state: row.state }, { from: "cold" });
}

/** Ends a row, from whatever state it is in; its seat is free at once. False: it was over. */
export async function markEnded(
  { sql, clock }: Sql,
  id: string,
  state: "terminated" | "failed",
  event: PodEventType,
  reason: string,
): Promise<boolean> {
  const now = clock.now();
  const { rows } = await sql.query<{ seat: string | null }>(
    `UPDATE "Pod" p SET "state" = $2::"PodState", "seat" = NULL, "endedAt" = $3, "reason" = $4, "tokenHash" = NULL
     FROM (SELECT "id", "seat" FROM "Pod" WHERE "id" = $1 FOR UPDATE) was
     WHERE p."id" = was."id" AND p."state" NOT IN ('terminated', 'failed') RETURNING was."seat"`,
    [id, state, now, reason],
  );
  const [row] = rows;
  if (!row) return false;
  await recordPodEvent(sql, now, event, { podId: id, seat: row.seat, state }, { reason });
  return true;
}

/**
 * Takes a pod from its seat, so that it may end; running work in it goes on until then. `unusedSince`: only if nothing
 * happened since. False: it was used meanwhile, or is over.
 */
export async function markDraining(
  { sql, clock }: Sql,
  row: Pick<PodRow, "id" | "seat">,
  reason: string,
  unusedSince?: Date,
): Promise<boolean> {
  const now = clock.now();
  const { rowCount } = await sql.query(
    `UPDATE "Pod" SET "state" = 'draining', "seat" = NULL, "reason" = $2
     WHERE "id" = $1 AND "state" IN ('warm', 'claimed') AND "seat" IS NOT DISTINCT FROM $3
       AND ($4::timestamptz IS NULL OR "lastActivityAt" IS NULL OR "lastActivityAt" <= $4)`,
    [row.id, reason, row.seat, unusedSince ?? null],
  );
  if (rowCount !== 1) return false;
  await recordPodEvent(sql, now, "draining", { podId: row.id, seat: row.seat, state: "draining" }, { reason });
  return true;
}

/** Gives a draining pod back to its seat, which has no other one yet. False: too late. */
export async function undoDraining({ sql, clock }: Sql, row: PodRow): Promise<boolean> {
  const now = clock.now();
  const { rowCount } = await sql.query(
    `UPDATE "Pod" SET "state" = 'claimed', "seat" = $2, "reason" = NULL, "lastActivityAt" = $3
     WHERE "id" = $1 AND "state" = 'draining' AND NOT EXISTS (SELECT FROM "Pod" WHERE "seat" = $2)`,
    [row.id, row.seat, now],
  );
  if (rowCount !== 1) return false;
  await recordPodEvent(sql, now, "kept", { podId: row.id, seat: row.seat, state: "claimed" });
  return true;
}

/** What was seen of the pods, in one statement. */
export async function markSeen(
  { sql, clock }: Sql,
  seen: { id: string; memoryMb: number | undefined }[],
): Promise<void> {
  if (seen.length === 0) return;
  await sql.query(
    `UPDATE "Pod" p SET "lastSeenAt" = $1, "memoryMb" = coalesce(s.mb, p."memoryMb")
     FROM unnest($2::text[], $3::int[]) AS s(id, mb) WHERE p."id" = s.id`,
    [clock.now(), seen.map(({ id }) => id), seen.map(({ memoryMb }) => memoryMb ?? null)],
  );
}

const KEPT_MS = 7 * 86_400_000;

/** Removes pods that are over for a week, with what happened to them. */
export async function forgetOld({ sql, clock }: Sql): Promise<void> {
  await sql.query(`DELETE FROM "Pod" WHERE "state" IN ('terminated', 'failed') AND "endedAt" < $1`, [
    new Date(clock.now().getTime() - KEPT_MS),
  ]);
}

/** Pods to keep warm: what an administrator set, else the settings. */
export async function wantedWarm({ db, settings }: Pick<PodDeps, "db" | "settings">): Promise<number> {
  const row = await db.installationSetting.findUnique({ where: { key: WARM_KEY } });
  return typeof row?.value === "number" ? Math.min(row.value, settings.pods.limit) : settings.pods.warm;
}
export const WARM_KEY = "pods.warm";
