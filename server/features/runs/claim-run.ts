import { randomUUID } from "node:crypto";
import type { Pool } from "pg";

/** How long a worker may be silent before its runs are taken over. Renewed four times in that time. */
export const LEASE_MS = 4_000;
/** Takeovers after which a run is held to be what kills its workers. */
export const MAX_ATTEMPTS = 6;

export type Claim = { runId: string; leaseToken: string };

/**
 * Takes a run that is queued or whose holder fell silent, by the database's clock. Null: somebody else has it, or it
 * is over. One statement: two workers cannot both get it.
 */
export async function claimRun(sql: Pool, runId: string): Promise<Claim | null> {
  const leaseToken = randomUUID();
  const { rowCount } = await sql.query(
    `UPDATE "Run" SET status = 'running', "leaseToken" = $2, "leaseUntil" = now() + $3 * interval '1 millisecond',
       attempt = attempt + 1, "startedAt" = coalesce("startedAt", now())
     WHERE id = $1 AND (status = 'queued' OR (status = 'running' AND ("leaseUntil" IS NULL OR "leaseUntil" < now())))`,
    [runId, leaseToken, LEASE_MS],
  );
  return rowCount ? { runId, leaseToken } : null;
}

/** Prolongs the leases that are still held; answers their run ids. What is not among them was lost. */
export async function renewLeases(sql: Pool, claims: readonly Claim[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ id: string }>(
    `UPDATE "Run" SET "leaseUntil" = now() + $3 * interval '1 millisecond'
     FROM unnest($1::text[], $2::text[]) AS held(id, token)
     WHERE "Run".id = held.id AND "Run"."leaseToken" = held.token RETURNING "Run".id`,
    [claims.map((c) => c.runId), claims.map((c) => c.leaseToken), LEASE_MS],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Gives a run back unfinished, so that any worker may go on with it at once. */
export async function releaseRun(sql: Pool, { runId, leaseToken }: Claim): Promise<void> {
  await sql.query(`UPDATE "Run" SET "leaseToken" = NULL, "leaseUntil" = NULL WHERE id = $1 AND "leaseToken" = $2`, [
    runId,
    leaseToken,
  ]);
}

/** Runs whose holder fell silent or that wait although their job was lost. */
export async function findAbandoned(sql: Pool, limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id FROM "Run"
     WHERE (status = 'running' AND ("leaseUntil" IS NULL OR "leaseUntil" < now()))
        OR (status = 'queued')
     ORDER BY id LIMIT $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}
