import type { PoolClient } from "pg";
import { keepDoing } from "#server/kernel/keep-doing.ts";
import { inTransaction } from "#server/kernel/transaction.ts";
import type { Deps } from "../deps.ts";
import { CHAINED_COLUMNS, entryHash, GENESIS, HEAD_KEY, type ChainedEntry, type ChainHead } from "./chain.ts";

/** Entries that one transaction links. */
const BATCH = 1_000;

/**
 * Links entries that have no place in the chain yet, in order of their ids; one process at a time, others leave it to
 * that one. Answers how many.
 */
export async function linkAudit({ sql }: Pick<Deps, "sql">): Promise<number> {
  for (let linked = 0; ;) {
    const now = await inTransaction(sql, linkBatch);
    linked += now;
    if (now < BATCH) return linked;
  }
}

async function linkBatch(client: PoolClient): Promise<number> {
  const { rows: locks } = await client.query<{ mine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('audit-chain', 0)) AS mine`,
  );
  if (!locks[0]?.mine) return 0;
  const { rows: entries } = await client.query<ChainedEntry>(
    `SELECT ${CHAINED_COLUMNS} FROM "AuditEntry" WHERE seq IS NULL ORDER BY id LIMIT $1`,
    [BATCH],
  );
  if (entries.length === 0) return 0;
  const head = await headOf(client);
  let { hash } = head;
  const hashes = entries.map((entry) => (hash = entryHash(hash, entry)));
  await client.query(
    `UPDATE "AuditEntry" AS entry SET seq = $1::bigint + link.n, hash = link.hash
     FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS link(id, hash, n) WHERE entry.id = link.id`,
    [head.seq, entries.map(({ id }) => id), hashes],
  );
  const next: ChainHead = { seq: String(BigInt(head.seq) + BigInt(entries.length)), hash };
  await client.query(
    `INSERT INTO "InstallationSetting" (key, value, "updatedAt") VALUES ($1, $2, now())
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, "updatedAt" = excluded."updatedAt"`,
    [HEAD_KEY, JSON.stringify(next)],
  );
  return entries.length;
}

/** The end of the chain: what the linker noted. Rows that were taken away must not let it begin anew. */
async function headOf(client: PoolClient): Promise<ChainHead> {
  const { rows } = await client.query<{ value: ChainHead }>(`SELECT value FROM "InstallationSetting" WHERE key = $1`, [
    HEAD_KEY,
  ]);
  return rows[0]?.value ?? { seq: "0", hash: GENESIS };
}

/** Links each second until the returned function is called, which does so a last time. */
export function keepLinking(deps: Pick<Deps, "sql" | "log">, everyMs = 1_000): () => Promise<void> {
  const { now, stop } = keepDoing(() => linkAudit(deps), "linking the audit's chain failed", deps.log, everyMs);
  return async () => {
    await stop();
    await now();
  };
}
