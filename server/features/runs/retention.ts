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

const BATCH = 500;

/** Deletes runs that ended longer ago than the policy keeps them, with their events, in small batches. Answers how many. */
export async function deleteOldRuns({
  sql,
  settings,
  clock,
}: Pick<Deps, "sql" | "settings" | "clock">): Promise<number> {
  const before = new Date(clock.now().getTime() - settings.retentionDays * 86_400_000);
  for (let deleted = 0; ;) {
    const { rowCount } = await sql.query(
      `DELETE FROM "Run" WHERE id IN (SELECT id FROM "Run" WHERE "endedAt" < $1 ORDER BY "endedAt" LIMIT $2)`,
      [before, BATCH],
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return deleted;
  }
}
