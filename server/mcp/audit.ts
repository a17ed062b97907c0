import type { Pool } from "pg";
import type { ActorRecord } from "../kernel/actor.ts";
import type { Clock } from "../kernel/clock.ts";
import { isDatabaseAway } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";

export interface AuditRecord {
  actor: ActorRecord;
  /** `tool.call` … */
  action: string;
  subject: string;
  runId?: string | undefined;
  outcome: "ok" | "refused" | "failed";
  durationMs?: number;
  /** Never arguments or results. */
  detail: Record<string, string | number | boolean>;
}

/** Takes entries without waiting and writes them in small batches; keeps them while the database is away. */
export interface AuditWriter {
  record(entry: AuditRecord): void;
  /** Resolves when everything recorded so far is written, or could not be written now. */
  flush(): Promise<void>;
  /** Flushes; what then is not written is lost, and the log says how much. */
  close(): Promise<void>;
}

interface Options {
  sql: Pick<Pool, "query">;
  log: Log;
  clock: Clock;
  /** Milliseconds that entries are gathered before they are written. */
  gatherMs?: number;
  /** Milliseconds until the next try after the database was away. */
  retryMs?: number;
  /** Entries kept while the database is away; above it the oldest go, and the log says so. */
  keep?: number;
}

interface Row {
  id: string;
  workspaceId: string;
  userId: string;
  actor: object;
  action: string;
  subject: string;
  runId: string | null;
  outcome: string;
  durationMs: number | null;
  detail: object;
  at: Date;
}
const BATCH = 500;
const ANSWERED = [() => true, () => false] as const;

// One parameter for all rows: through Prisma, an entry costs as much as the call that it tells of.
const INSERT = `
  INSERT INTO "AuditEntry"
    (id, "workspaceId", "userId", actor, action, subject, "runId", outcome, "durationMs", detail, at)
  SELECT * FROM json_to_recordset($1::json) AS entry(id text, "workspaceId" text, "userId" text, actor jsonb,
    action text, subject text, "runId" text, outcome text, "durationMs" int, detail jsonb, at timestamptz)
  ON CONFLICT (id) DO NOTHING`;

/**
 * Rows without what PostgreSQL takes neither in texts nor in JSON: a name that a client gives itself must not keep its
 * calls out of the audit.
 */
const storable = (rows: readonly Row[]): string =>
  JSON.stringify(rows, (_, member: unknown) =>
    typeof member === "string" ? member.toWellFormed().replaceAll("\0", "") : member,
  );

export function createAuditWriter(options: Options): AuditWriter {
  const { sql, log, clock, gatherMs = 50, retryMs = 1_000, keep = 20_000 } = options;
  const waiting: Row[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<boolean> | undefined;
  let dropped = 0;

  const later = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms);
  };

  /** Whether the batch is dealt with. The ids make a repetition after an unclear answer harmless. */
  const write = async (batch: Row[]): Promise<boolean> => {
    try {
      await sql.query({ name: "audit-write", text: INSERT, values: [storable(batch)] });
      return true;
    } catch (err) {
      if (isDatabaseAway(err)) return false;
      if (batch.length > 1) {
        // One row that PostgreSQL refuses must not hold up the others.
        for (const row of batch) if (!(await write([row]))) return false;
        return true;
      }
      // Only a database that answers otherwise can have refused this very row.
      if (!(await sql.query(`SELECT FROM "AuditEntry" LIMIT 1`).then(...ANSWERED))) return false;
      log.error({ err, action: batch[0]?.action }, "audit: an entry was refused by the database and is lost");
      return true;
    }
  };

  const drain = async (): Promise<boolean> => {
    while (waiting.length) {
      const batch = waiting.slice(0, BATCH);
      if (!(await write(batch))) {
        log.warn({ waiting: waiting.length }, "audit: the database is away, entries are kept");
        return false;
      }
      // The oldest may have been dropped meanwhile; ids tell which of the batch are still here.
      const done = new Set(batch.map(({ id }) => id));
      while (waiting[0] && done.has(waiting[0].id)) waiting.shift();
    }
    return true;
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length || writing) {
      const all = await (writing ??= drain().finally(() => (writing = undefined)));
      if (!all) return later(retryMs);
    }
  };

  return {
    record({ actor, action, subject, runId, outcome, durationMs, detail }) {
      const at = clock.now();
      waiting.push({
        id: newId("aud", at.getTime()),
        workspaceId: actor.workspaceId,
        userId: actor.userId,
        actor: { ...actor },
        action,
        subject: subject.slice(0, 200),
        runId: runId ?? null,
        outcome,
        durationMs: durationMs ?? null,
        detail: { ...detail },
        at,
      });
      if (waiting.length > keep) {
        waiting.shift();
        if (dropped++ % 1_000 === 0)
          log.error({ dropped, keep }, "audit: too many entries wait for the database, the oldest are lost");
      }
      later(gatherMs);
    },
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
      timer = undefined;
      if (waiting.length)
        log.error({ lost: waiting.length }, "audit: the database is away at the end, entries are lost");
    },
  };
}
