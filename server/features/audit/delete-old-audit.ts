import type { PoolClient } from "pg";
import { inTransaction } from "#server/kernel/transaction.ts";
import type { Deps } from "../deps.ts";
import { ANCHOR_KEY, type ChainHead } from "./chain.ts";

const BATCH = 5_000;

/**
 * Deletes entries that are older than AUDIT_RETENTION_DAYS says, from the beginning of the chain up to the first that is
 * not, and keeps where the chain goes on. The last entry stays. Answers how many.
 */
export async function deleteOldAudit({
  sql,
  settings,
  clock,
}: Pick<Deps, "sql" | "clock"> & { settings: Pick<Deps["settings"], "auditRetentionDays"> }): Promise<number> {
  if (settings.auditRetentionDays === undefined) return 0;
  const before = new Date(clock.now().getTime() - settings.auditRetentionDays * 86_400_000);
  for (let deleted = 0; ;) {
    const now = await inTransaction(sql, (client) => deleteBatch(client, before));
    deleted += now;
    if (now < BATCH) return deleted;
  }
}

async function deleteBatch(client: PoolClient, before: Date): Promise<number> {
  // The trigger of the table lets nobody else delete.
  await client.query(`SELECT set_config('osf.audit_retention', 'on', true)`);
  const { rows } = await client.query<ChainHead>(
    `WITH first AS (SELECT seq FROM "AuditEntry" WHERE seq IS NOT NULL ORDER BY seq LIMIT $2),
          young AS (SELECT min(seq) AS seq FROM "AuditEntry" WHERE seq IN (SELECT seq FROM first) AND at >= $1),
          last AS (SELECT max(seq) AS seq FROM "AuditEntry")
     DELETE FROM "AuditEntry" AS entry USING young, last
     WHERE entry.seq IN (SELECT seq FROM first) AND (young.seq IS NULL OR entry.seq < young.seq) AND entry.seq < last.seq
     RETURNING entry.seq::text, entry.hash`,
    [before, BATCH],
  );
  const end = rows.reduce<ChainHead | null>((a, b) => (a && BigInt(a.seq) > BigInt(b.seq) ? a : b), null);
  if (end)
    await client.query(
      `INSERT INTO "InstallationSetting" (key, value, "updatedAt") VALUES ($1, $2, now())
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, "updatedAt" = excluded."updatedAt"`,
      [ANCHOR_KEY, JSON.stringify({ seq: end.seq, hash: end.hash } satisfies ChainHead)],
    );
  return rows.length;
}
