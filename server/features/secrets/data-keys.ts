import { randomBytes } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { deriveKey, openText, sealText } from "../../kernel/crypto.ts";
import type { Rows, Tx } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Live } from "../../kernel/live.ts";
import type { Settings } from "../../kernel/settings.ts";

/** Live topic on which a change of the data keys is announced. */
export const KEYS_TOPIC = "secret-keys";
const LOCK = "SELECT pg_advisory_xact_lock(hashtext('osf-secret-keys'))";

export interface DataKey {
  id: string;
  key: Buffer;
}

/** The keys that secrets are sealed with. They lie in the database, sealed with a key that does not. */
export interface DataKeys {
  /** The one to seal with. The first is made when it is first wanted. */
  current(): Promise<DataKey>;
  /** Throws `vault.key` where there is none of this id, or it opens with no key of the settings. */
  byId(id: string): Promise<DataKey>;
  /** Makes another the current one; what was sealed with those before still opens. */
  renew(): Promise<DataKey>;
  /**
   * Seals all of them with the first key of the settings. Answers how many were sealed with another. Throws `vault.key`
   * for one that opens with none, unless those are to be left as they are.
   */
  resealAll(how?: { leaveUnreadable?: boolean }): Promise<number>;
  close(): void;
}

type KeySettings = Pick<Settings, "jwtSecret" | "encryptionKey" | "encryptionKeyOld">;
interface Options {
  db: Rows;
  live: Pick<Live, "publishIn" | "subscribe" | "onGap">;
  clock: Clock;
  settings: KeySettings;
}

/** Keys that data keys may be sealed with: the first is the one to seal with. */
const masterKeys = ({ jwtSecret, encryptionKey, encryptionKeyOld }: KeySettings): Buffer[] => [
  ...[encryptionKey, encryptionKeyOld].flatMap((key) => (key ? [deriveKey(key.toLowerCase(), "secret-keys")] : [])),
  deriveKey(jwtSecret, "secret-keys"),
];

export function createDataKeys({ db, live, clock, settings }: Options): DataKeys {
  const masters = masterKeys(settings);
  const known = new Map<string, Buffer>();
  let currentId: string | undefined;
  let heard = 0;
  const forget = () => {
    heard++;
    currentId = undefined;
  };
  const ends = [live.subscribe(KEYS_TOPIC, forget), live.onGap(forget)];

  const seal = (id: string, key: Buffer) => sealText(first(masters), key.toString("base64"), `key:${id}`);
  const open = (id: string, sealed: string): { key: Buffer; byFirst: boolean } => {
    for (const [index, master] of masters.entries()) {
      const text = openText(master, sealed, `key:${id}`);
      if (text !== null) return { key: Buffer.from(text, "base64"), byFirst: index === 0 };
    }
    throw new AppError(
      "unavailable",
      "vault.key",
      "The stored secrets cannot be opened: LLM_ENCRYPTION_KEY, or JWT_SECRET where there is none, is not the one they were sealed with. Give the former one as LLM_ENCRYPTION_KEY_OLD; where it is lost: npm run secrets:rotate -- --anew, and enter the secrets anew",
      { detail: { keyId: id } },
    );
  };
  const opens = (id: string, sealed: string) =>
    masters.some((master) => openText(master, sealed, `key:${id}`) !== null);
  const learn = (id: string, sealed: string): DataKey => {
    const { key } = open(id, sealed);
    known.set(id, key);
    return { id, key };
  };
  const make = async (tx: Tx): Promise<DataKey> => {
    const at = clock.now();
    const made = { id: newId("sky", at.getTime()), key: randomBytes(32) };
    await tx.secretKey.create({ data: { id: made.id, sealed: seal(made.id, made.key), createdAt: at } });
    return made;
  };
  const newest = (from: Rows | Tx) =>
    from.secretKey.findFirst({ where: { retiredAt: null }, orderBy: [{ createdAt: "desc" }, { id: "desc" }] });

  return {
    async current() {
      const key = currentId && known.get(currentId);
      if (currentId && key) return { id: currentId, key };
      const before = heard;
      const row =
        (await newest(db)) ??
        (await db.$transaction(async (tx) => {
          // Two processes that start at once must not make two.
          await tx.$executeRawUnsafe(LOCK);
          return (await newest(tx)) ?? tx.secretKey.findUniqueOrThrow({ where: { id: (await make(tx)).id } });
        }));
      const current = learn(row.id, row.sealed);
      if (heard === before) currentId = row.id;
      return current;
    },
    async byId(id) {
      const key = known.get(id);
      if (key) return { id, key };
      const row = await db.secretKey.findUnique({ where: { id } });
      if (!row) throw new AppError("unavailable", "vault.key", "The key of a stored secret is gone; enter it anew");
      return learn(id, row.sealed);
    },
    async renew() {
      const made = await db.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(LOCK);
        await tx.secretKey.updateMany({ where: { retiredAt: null }, data: { retiredAt: clock.now() } });
        const next = await make(tx);
        await live.publishIn(tx, KEYS_TOPIC);
        return next;
      });
      forget();
      known.set(made.id, made.key);
      return made;
    },
    async resealAll({ leaveUnreadable = false } = {}) {
      let resealed = 0;
      for (const { id, sealed } of await db.secretKey.findMany()) {
        if (leaveUnreadable && !opens(id, sealed)) continue;
        const { key, byFirst } = open(id, sealed);
        if (byFirst) continue;
        const { count } = await db.secretKey.updateMany({ where: { id, sealed }, data: { sealed: seal(id, key) } });
        resealed += count;
      }
      return resealed;
    },
    close: () => ends.forEach((end) => end()),
  };
}

function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error("an empty list");
  return one;
}
