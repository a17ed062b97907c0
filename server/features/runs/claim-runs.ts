import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Run } from "#server/generated/prisma/client.ts";
import { LEASE_MS } from "./lease.ts";
import { runOf, type RunRow } from "./rows.ts";

export type Claim = { runId: string; leaseToken: string };

/** Runs at work here, by how deep they are and whose. */
export interface Load {
  depth: number;
  workspaceId: string;
  runs: number;
}

/** What a worker has room for. */
export interface Room {
  /** Free places for runs of each depth: 0, 1 … A run that waits for its children therefore never takes their places. */
  free: readonly number[];
  /** Places of one depth that one workspace may have. */
  share: number;
  load: readonly Load[];
}

// Round-robin over workspaces: a run's turn is how many of its workspace would be at work before it, so that the first
// run of one that has nothing at work goes before the hundredth of another; the older first where turns are equal.
// The transaction does not wait for the disk: a claim that is lost with the machine leaves the run queued, and whatever
// the run records later is only written where the claim is.
// The first part leaps from workspace to workspace through the index, however many runs each has waiting.
const CLAIM = `
  WITH RECURSIVE waiting AS (
    (SELECT depth, "workspaceId" AS workspace FROM "Run" WHERE status = 'queued' ORDER BY 1, 2 LIMIT 1)
    UNION ALL
    SELECT next.* FROM waiting, LATERAL (
      SELECT depth, "workspaceId" FROM "Run"
      WHERE status = 'queued' AND (depth, "workspaceId") > (waiting.depth, waiting.workspace) ORDER BY 1, 2 LIMIT 1
    ) AS next
  ), load AS (
    SELECT * FROM unnest($1::int[], $2::text[], $3::int[]) AS load(depth, workspace, runs)
  ), room AS (
    SELECT depth - 1 AS depth, free FROM unnest($4::int[]) WITH ORDINALITY AS room(free, depth) WHERE free > 0
  ), owner AS (
    -- Of each the oldest few: its fair part twice, so that what others do not use is used.
    SELECT depth, workspace, free, coalesce(runs, 0) AS runs,
      greatest(4, 2 * free / count(*) OVER (PARTITION BY depth)) AS few
    FROM waiting JOIN room USING (depth) LEFT JOIN load USING (depth, workspace)
  ), ranked AS (
    SELECT oldest.*, depth, free, few, row_number() OVER own AS nth, runs + row_number() OVER own AS turn
    FROM owner, LATERAL (
      SELECT id, "createdAt" FROM "Run"
      WHERE status = 'queued' AND "Run".depth = owner.depth AND "workspaceId" = workspace
      ORDER BY "createdAt", id LIMIT greatest(least(free, few, $5::int - runs), 0)
    ) AS oldest
    WINDOW own AS (PARTITION BY depth, workspace ORDER BY oldest."createdAt", oldest.id)
  ), chosen AS (
    SELECT id, turn, "createdAt" FROM (
      SELECT *, row_number() OVER (PARTITION BY depth ORDER BY turn, "createdAt", id) AS place FROM ranked
    ) AS placed WHERE place <= free
  ), locked AS MATERIALIZED (
    SELECT "Run".id, turn FROM "Run" JOIN chosen USING (id) WHERE status = 'queued'
    ORDER BY turn, "Run"."createdAt", "Run".id FOR NO KEY UPDATE OF "Run" SKIP LOCKED
  ), taken AS (
    UPDATE "Run" SET status = 'running', "leaseToken" = $6, "leaseUntil" = now() + ${LEASE_MS} * interval '1 millisecond',
      attempt = attempt + 1, "startedAt" = coalesce("startedAt", now())
    FROM locked WHERE "Run".id = locked.id RETURNING "Run".*, turn
  )
  SELECT wanted, "cutShort", taken.* FROM (
    SELECT count(*)::int AS wanted, EXISTS (SELECT FROM ranked WHERE nth = few) AS "cutShort",
      set_config('synchronous_commit', 'off', true)
    FROM chosen
  ) AS chosen LEFT JOIN taken ON true
  ORDER BY turn, "createdAt", id`;

/**
 * Takes queued runs that there is room for, in one statement: two workers cannot both get one. `more`: another claim may
 * get others, because another worker was at the same ones, or because one workspace has more than was looked at.
 */
export async function claimRuns(sql: Pool, { free, share, load }: Room): Promise<{ runs: Run[]; more: boolean }> {
  const { rows } = await sql.query<RunRow & { wanted: number; cutShort: boolean }>({
    name: "run-claim",
    text: CLAIM,
    values: [
      load.map(({ depth }) => depth),
      load.map(({ workspaceId }) => workspaceId),
      load.map(({ runs }) => runs),
      free,
      share,
      randomUUID(), // of this claim: who loses one of its runs does not get it back by another claim
    ],
  });
  const taken = rows.filter(({ id }) => id !== null);
  const { wanted = 0, cutShort = false } = rows[0] ?? {};
  return { runs: taken.map(runOf), more: taken.length < wanted || (cutShort && taken.length > 0) };
}

/** Prolongs the leases that are still held; answers their run ids. What is not among them was lost. Waits for nobody. */
export async function renewLeases(sql: Pool, claims: readonly Claim[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ id: string }>(
    // A row that is locked just now is being written to, which prolongs its lease too. (A lease need not survive the
    // machine: the disk is not waited for.)
    `WITH held AS (
       SELECT "Run".id FROM unnest($1::text[], $2::text[]) AS claim(id, token)
         JOIN "Run" ON "Run".id = claim.id AND "Run"."leaseToken" = claim.token
     ), free AS (
       SELECT id FROM "Run" JOIN held USING (id) FOR NO KEY UPDATE OF "Run" SKIP LOCKED
     ), renewed AS (
       UPDATE "Run" SET "leaseUntil" = now() + ${LEASE_MS} * interval '1 millisecond' FROM free WHERE "Run".id = free.id
     )
     SELECT id, set_config('synchronous_commit', 'off', true) FROM held`,
    [claims.map((c) => c.runId), claims.map((c) => c.leaseToken)],
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

/** Puts runs back into the queue whose holder fell silent or gave them back. Answers how many. */
export async function requeueAbandoned(sql: Pool): Promise<number> {
  const { rowCount } = await sql.query(
    `UPDATE "Run" SET status = 'queued', "leaseToken" = NULL, "leaseUntil" = NULL
     WHERE id IN (
       SELECT id FROM "Run" WHERE status = 'running' AND ("leaseUntil" IS NULL OR "leaseUntil" < now())
       FOR NO KEY UPDATE SKIP LOCKED
     )`,
  );
  return rowCount ?? 0;
}
