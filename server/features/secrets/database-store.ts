import type { Clock } from "../../kernel/clock.ts";
import { openText, sealText } from "../../kernel/crypto.ts";
import type { Rows } from "../../kernel/db.ts";
import { AppError, isDatabaseAway } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { DataKeys } from "./data-keys.ts";
import type { SecretStore, StoredSecret } from "./store.ts";

interface Options {
  db: Rows;
  keys: Pick<DataKeys, "current" | "byId">;
  clock: Clock;
}

/** A row that was moved to another workspace, renamed or put back to an old value does not open. */
export const rowContext = (owner: string, name: string, version: number) => `secret:${owner}:${name}:${version}`;

const SHOWN = { name: true, description: true, version: true, createdAt: true, updatedAt: true, lastUsedAt: true };

/** Secrets as rows, each value sealed with a data key. */
export function createDatabaseStore({ db, keys, clock }: Options): SecretStore {
  return {
    kind: "database",
    async read(owner, names) {
      const rows = await away(db.secret.findMany({ where: { workspaceId: owner, name: { in: [...names] } } }));
      const values = new Map<string, string>();
      for (const { name, version, keyId, sealed } of rows) {
        const { key } = await away(keys.byId(keyId));
        const value = openText(key, sealed, rowContext(owner, name, version));
        if (value === null)
          throw new AppError("bug", "vault.changed", `The stored secret ${name} was changed outside of the gateway`);
        values.set(name, value);
      }
      return values;
    },
    async list(owner) {
      const rows: StoredSecret[] = await db.secret.findMany({
        where: { workspaceId: owner },
        orderBy: { name: "asc" },
        select: SHOWN,
      });
      return rows;
    },
    async put(owner, { name, value, description, byId }, also) {
      const { id: keyId, key } = await keys.current();
      const at = clock.now();
      await db.$transaction(async (tx) => {
        // The version is bound into the sealed text, so whoever comes at the same time has to wait.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`osf-secret:${owner}:${name}`}))`;
        const before = await tx.secret.findUnique({ where: { workspaceId_name: { workspaceId: owner, name } } });
        const version = (before?.version ?? 0) + 1;
        const sealed = sealText(key, value, rowContext(owner, name, version));
        const data = { keyId, sealed, version, updatedById: byId, ...(description !== undefined && { description }) };
        if (before) await tx.secret.update({ where: { id: before.id }, data: { ...data, updatedAt: at } });
        else
          await tx.secret.create({
            data: {
              ...data,
              id: newId("sec", at.getTime()),
              workspaceId: owner,
              name,
              createdById: byId,
              createdAt: at,
            },
          });
        await also(tx, !before);
      });
    },
    remove: (owner, name, also) =>
      db.$transaction(async (tx) => {
        const { count } = await tx.secret.deleteMany({ where: { workspaceId: owner, name } });
        if (count) await also(tx);
        return count > 0;
      }),
  };
}

/** Throws `vault.away` in place of what a database that is away throws. */
async function away<T>(wanted: Promise<T>): Promise<T> {
  try {
    return await wanted;
  } catch (cause) {
    if (!isDatabaseAway(cause)) throw cause;
    throw new AppError("unavailable", "vault.away", "The store of secrets cannot be reached at the moment", {
      retryAfter: 2,
      cause,
    });
  }
}
