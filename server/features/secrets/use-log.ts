import type { Clock } from "../../kernel/clock.ts";
import type { Rows } from "../../kernel/db.ts";
import { isDatabaseAway } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log } from "../../kernel/log.ts";
import type { SecretUse } from "../../mcp/vault.ts";
import { INSTALLATION } from "./store.ts";

/** Records who used which secret for what, without holding up the use. */
export interface UseLog {
  used(owner: string, names: readonly string[], use: SecretUse): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  db: Pick<Rows, "auditEntry" | "secret">;
  log: Log;
  clock: Clock;
  gatherMs?: number;
}

interface Entry {
  id: string;
  owner: string;
  name: string;
  use: SecretUse;
  at: Date;
}

/** A use that goes on, call after call, is one entry a minute. */
const ONCE_IN_MS = 60_000;
/** Uses kept while the database is away. */
const KEEP = 2_000;

export function createUseLog({ db, log, clock, gatherMs = 250 }: Options): UseLog {
  const last = new Map<string, number>();
  let waiting: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const batch = waiting.slice(0, 500);
    if (!batch.length) return;
    try {
      await db.auditEntry.createMany({
        skipDuplicates: true, // an answer that was lost may have been a yes
        data: batch.map(({ id, owner, name, use: { userId, purpose, runId }, at }) => ({
          id,
          workspaceId: owner === INSTALLATION ? null : owner,
          userId,
          actor: userId ? { userId, workspaceId: owner } : {},
          action: "secret.use",
          subject: name,
          outcome: "ok",
          runId: runId ?? null,
          detail: { purpose },
          at,
        })),
      });
      await db.secret.updateMany({
        where: { OR: batch.map(({ owner, name }) => ({ workspaceId: owner, name })) },
        data: { lastUsedAt: batch.at(-1)?.at ?? clock.now() },
      });
    } catch (err) {
      if (isDatabaseAway(err)) return later(1_000);
      log.error({ err, lost: batch.length }, "uses of secrets could not be recorded");
    }
    waiting = waiting.slice(batch.length);
    if (waiting.length) return write();
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    await writing;
    await (writing = write().finally(() => (writing = undefined)));
  };
  const later = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms).unref();
  };
  /** Old marks go; what is younger than a minute is bounded by the number of secrets times purposes. */
  const tidy = (now: number) => {
    if (last.size > 1_000) for (const [key, at] of last) if (now - at >= ONCE_IN_MS) last.delete(key);
  };

  return {
    used(owner, names, use) {
      const at = clock.now();
      for (const name of names) {
        const key = `${owner}\n${name}\n${use.purpose}`;
        const before = last.get(key);
        if (before !== undefined && at.getTime() - before < ONCE_IN_MS) continue;
        last.set(key, at.getTime());
        waiting.push({ id: newId("aud", at.getTime()), owner, name, use, at });
      }
      if (waiting.length > KEEP) waiting = waiting.slice(-KEEP);
      tidy(at.getTime());
      if (waiting.length) later(gatherMs);
    },
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
    },
  };
}
