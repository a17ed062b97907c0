import { z } from "zod";
import { defineJob } from "#server/kernel/jobs.ts";
import type { Deps } from "../deps.ts";

export const cleanRuns = defineJob(
  "run.clean",
  z
    .object({})
    .nullish()
    .transform(() => ({})),
);

const RUNS = 200;
const ROWS = 5_000;
/** What a run may have very many of. */
const TABLES = ["RunStep", "RunEvent", "RunCall", "RunPayload"];

/**
 * Deletes runs that ended longer ago than the policy keeps them, with their events, steps, calls and messages, in small
 * batches: no statement is long, however large a run was. Answers how many.
 */
export async function deleteOldRuns({
  sql,
  settings,
  clock,
}: Pick<Deps, "sql" | "settings" | "clock">): Promise<number> {
  const before = new Date(clock.now().getTime() - settings.retentionDays * 86_400_000);
  for (let deleted = 0; ;) {
    const { rows } = await sql.query<{ id: string }>(
      `SELECT id FROM "Run" WHERE "endedAt" < $1 ORDER BY "endedAt" LIMIT $2`,
      [before, RUNS],
    );
    const ids = rows.map(({ id }) => id);
    for (const table of TABLES) await deleteRows(sql, table, ids);
    const { rowCount } = await sql.query(`DELETE FROM "Run" WHERE id = ANY ($1)`, [ids]);
    deleted += rowCount ?? 0;
    if (ids.length < RUNS) return deleted;
  }
}

async function deleteRows(sql: Deps["sql"], table: string, runIds: string[]): Promise<void> {
  for (;;) {
    const { rowCount } = await sql.query(
      `DELETE FROM "${table}" WHERE ctid = ANY (ARRAY(SELECT ctid FROM "${table}" WHERE "runId" = ANY ($1) LIMIT $2))`,
      [runIds, ROWS],
    );
    if ((rowCount ?? 0) < ROWS) return;
  }
}
