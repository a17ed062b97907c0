import type { Clock } from "../../kernel/clock.ts";
import { openText, sealText } from "../../kernel/crypto.ts";
import type { Rows } from "../../kernel/db.ts";
import { credentialContext } from "../../mcp/credentials/credential-rows.ts";
import { rowContext } from "./database-store.ts";
import type { DataKey, DataKeys } from "./data-keys.ts";
import type { SecretVault } from "./vault.ts";

export interface Rotation {
  /** Whether a rotation that was broken off was gone on with, in place of a new one. */
  resumed: boolean;
  /** Data keys that were sealed with another key of the settings than the first. */
  keysResealed: number;
  secrets: number;
  credentials: number;
  /** Rows that open with no key; they are left as they are. */
  unreadable: number;
  /** Data keys that nothing needs any more. */
  deleted: number;
}

interface Options {
  batch?: number;
  /** Stops between two batches; the next rotation goes on. */
  signal?: AbortSignal;
  /** The former key is lost: what only it opens is left as it is, and the present one seals from now on. */
  anew?: boolean;
}

/** A retired key is kept for so long, for what other processes seal until they hear of the new one. */
const KEEP_RETIRED_MS = 24 * 3_600_000;

/**
 * Makes a new data key and seals everything with it, in batches, while the product runs. One that was broken off is gone
 * on with. The data keys themselves are sealed with the first key of the settings, so this is also how LLM_ENCRYPTION_KEY
 * is changed.
 */
export async function rotateKeys(
  { db, vault, clock }: { db: Rows; vault: Pick<SecretVault, "keys" | "seal" | "open">; clock: Clock },
  { batch = 200, signal, anew = false }: Options = {},
): Promise<Rotation> {
  const { keys } = vault;
  const keysResealed = await keys.resealAll({ leaveUnreadable: anew });
  const before = anew ? await keys.renew() : await keys.current();
  const resealAll = async (key: DataKey) => {
    const done = { secrets: 0, credentials: 0, unreadable: 0 };
    await resealSecrets(db, keys, key, { batch, signal, done });
    await resealCredentials(db, vault, key, { batch, signal, done });
    return done;
  };
  let done = (await remaining(db, before)) > 0 ? await resealAll(before) : undefined;
  // Where all that was left opens with no key, nothing was broken off.
  const resumed = done !== undefined && done.secrets + done.credentials > 0;
  if (!anew && (!done || !resumed)) done = await resealAll(await keys.renew());
  done ??= { secrets: 0, credentials: 0, unreadable: 0 };
  return { resumed: resumed && !anew, keysResealed, ...done, deleted: await deleteRetired(db, clock) };
}

const sealedWith = ({ id }: DataKey) => `v1:${id}:`;
async function remaining(db: Rows, key: DataKey): Promise<number> {
  const secrets = await db.secret.count({ where: { keyId: { not: key.id } } });
  const credentials = await db.upstreamCredential.count({
    where: { NOT: { sealed: { startsWith: sealedWith(key) } } },
  });
  return secrets + credentials;
}

interface Work {
  batch: number;
  signal: AbortSignal | undefined;
  done: { secrets: number; credentials: number; unreadable: number };
}

async function resealSecrets(db: Rows, keys: DataKeys, key: DataKey, { batch, signal, done }: Work) {
  for (let after = ""; ;) {
    signal?.throwIfAborted();
    const rows = await db.secret.findMany({
      where: { keyId: { not: key.id }, id: { gt: after } },
      orderBy: { id: "asc" },
      take: batch,
    });
    if (!rows.length) return;
    for (const { id, workspaceId, name, version, keyId, sealed } of rows) {
      const context = rowContext(workspaceId, name, version);
      const value = await keys.byId(keyId).then(
        (old) => openText(old.key, sealed, context),
        () => null,
      );
      if (value === null) {
        done.unreadable++;
        continue;
      }
      // One that was set meanwhile is sealed with the new key already.
      const { count } = await db.secret.updateMany({
        where: { id, sealed },
        data: { keyId: key.id, sealed: sealText(key.key, value, context) },
      });
      done.secrets += count;
    }
    after = rows.at(-1)?.id ?? after;
  }
}

async function resealCredentials(
  db: Rows,
  vault: Pick<SecretVault, "seal" | "open">,
  key: DataKey,
  { batch, signal, done }: Work,
) {
  for (let after = ""; ;) {
    signal?.throwIfAborted();
    const rows = await db.upstreamCredential.findMany({
      where: { NOT: { sealed: { startsWith: sealedWith(key) } }, id: { gt: after } },
      orderBy: { id: "asc" },
      take: batch,
    });
    if (!rows.length) return;
    for (const row of rows) {
      const context = credentialContext(row);
      const value = await vault.open(row.sealed, context).catch(() => null);
      if (value === null) {
        done.unreadable++;
        continue;
      }
      const { count } = await db.upstreamCredential.updateMany({
        where: { id: row.id, sealed: row.sealed },
        data: { sealed: await vault.seal(value, context), updatedAt: row.updatedAt },
      });
      done.credentials += count;
    }
    after = rows.at(-1)?.id ?? after;
  }
}

/** Of those that were retired long enough ago, the ones that nothing was sealed with. */
async function deleteRetired(db: Rows, clock: Clock): Promise<number> {
  const long = new Date(clock.now().getTime() - KEEP_RETIRED_MS);
  let deleted = 0;
  for (const { id } of await db.secretKey.findMany({ where: { retiredAt: { lt: long } } })) {
    const startsWith = `v1:${id}:`;
    const used =
      (await db.secret.count({ where: { keyId: id } })) +
      (await db.upstreamCredential.count({ where: { sealed: { startsWith } } })) +
      (await db.upstreamAuthorization.count({ where: { sealed: { startsWith } } }));
    if (used === 0) deleted += (await db.secretKey.deleteMany({ where: { id } })).count;
  }
  return deleted;
}
