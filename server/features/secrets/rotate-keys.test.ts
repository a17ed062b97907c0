import { expect } from "vitest";
import { it } from "#tests/support/world.ts";
import type { Deps } from "../deps.ts";
import { putSecret } from "./put-secret.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { createVault } from "./vault.ts";

const mine = { scope: "workspace" } as const;
const use = { userId: null, purpose: "upstream:erp" };
const [OLD, NEW] = ["a1".repeat(32), "B2".repeat(32)];
const withKeys = (deps: Deps, keys: Partial<Deps["settings"]>) =>
  createVault({ ...deps, settings: { ...deps.settings, ...keys } });

it("seals everything anew while it is read and written, and needs the old key no more", async ({ world }) => {
  const { deps } = world;
  const { db, clock } = deps;
  const vault = withKeys(deps, {});
  const ana = await world.actor();
  for (let n = 0; n < 7; n++) await putSecret({ ...deps, vault }, ana, { ...mine, name: `S${n}`, value: `value ${n}` });
  const credential = { upstreamId: "ups", workspaceId: ana.workspaceId, userId: ana.userId, issuer: "https://issuer" };
  const context = `upstream-credential:ups:${ana.workspaceId}:${ana.userId}:https://issuer`;
  const sealed = await vault.seal("{}", context);
  await db.upstreamCredential.create({ data: { id: "upc_rotated", ...credential, sealed, scopes: [] } });
  const before = await vault.keys.current();

  // Another process goes on sealing with the key that it knows until it hears of the new one.
  const other = withKeys(deps, {});
  await other.keys.current();
  const done = await rotateKeys({ db, vault, clock }, { batch: 3 });
  expect(done).toMatchObject({ resumed: false, credentials: 1, unreadable: 0, deleted: 0 });
  expect(done.secrets).toBeGreaterThanOrEqual(7);
  const after = await vault.keys.current();
  expect(after.id).not.toBe(before.id);
  expect(await db.secret.count({ where: { keyId: before.id } })).toBe(0);
  for (const reader of [vault, other]) expect(await reader.resolve(ana, "${S0} ${S6}", use)).toBe("value 0 value 6");
  const row = await db.upstreamCredential.findUniqueOrThrow({ where: { id: "upc_rotated" } });
  expect(await other.open(row.sealed, context)).toBe("{}");

  const inTwoDays = { now: () => new Date(Date.now() + 2 * 86_400_000) };
  expect(await rotateKeys({ db, vault, clock: inTwoDays })).toMatchObject({ unreadable: 0 });
  expect(await db.secretKey.findUnique({ where: { id: before.id } })).toBeNull();
  const fresh = withKeys(deps, {});
  expect(await fresh.resolve(ana, "${S3}", use)).toBe("value 3");
  await Promise.all([vault.close(), other.close(), fresh.close()]);
});

it("goes on with a rotation that was broken off, and makes no further key for it", async ({ world }) => {
  const { deps } = world;
  const { db, clock } = deps;
  const vault = withKeys(deps, {});
  const ana = await world.actor();
  for (let n = 0; n < 4; n++) await putSecret({ ...deps, vault }, ana, { ...mine, name: `R${n}`, value: `value ${n}` });
  await rotateKeys({ db, vault, clock });
  let batches = 0;
  const stop = new AbortController();
  const counted = new Proxy(db, {
    get(target, name: keyof typeof db) {
      if (name === "secret" && batches++ === 3) stop.abort(new Error("killed"));
      return target[name];
    },
  });
  await expect(rotateKeys({ db: counted, vault, clock }, { batch: 1, signal: stop.signal })).rejects.toThrow("killed");
  const key = await vault.keys.current();
  expect(await db.secret.count({ where: { keyId: { not: key.id } } })).toBeGreaterThan(0);
  expect(await vault.resolve(ana, "${R0}${R1}${R2}${R3}", use)).toBe("value 0value 1value 2value 3");
  expect(await rotateKeys({ db, vault, clock })).toMatchObject({ resumed: true, unreadable: 0 });
  expect((await vault.keys.current()).id).toBe(key.id);
  expect(await db.secret.count({ where: { keyId: { not: key.id } } })).toBe(0);
  await vault.close();
});

it("changes the key of the settings by way of the old one, and opens nothing with neither", async ({ world }) => {
  const { deps } = world;
  const { db, clock } = deps;
  const ana = await world.actor();
  const first = withKeys(deps, { encryptionKey: OLD });
  await putSecret({ ...deps, vault: first }, ana, { ...mine, name: "KEPT", value: "kept" });
  await rotateKeys({ db, vault: first, clock }); // keys of before, which JWT_SECRET had sealed, too

  const lost = withKeys(deps, { encryptionKey: NEW, jwtSecret: "another secret that is long enough too" });
  await expect(lost.resolve(ana, "${KEPT}", use)).rejects.toMatchObject({ code: "vault.key", kind: "unavailable" });
  const changing = withKeys(deps, { encryptionKey: NEW, encryptionKeyOld: OLD });
  expect(await changing.resolve(ana, "${KEPT}", use)).toBe("kept");
  const { keysResealed } = await rotateKeys({ db, vault: changing, clock });
  expect(keysResealed).toBeGreaterThan(0);
  const changed = withKeys(deps, { encryptionKey: NEW.toLowerCase() });
  expect(await changed.resolve(ana, "${KEPT}", use)).toBe("kept");
  const behind = withKeys(deps, { encryptionKey: OLD, jwtSecret: "another secret that is long enough too" });
  await expect(behind.resolve(ana, "${KEPT}", use)).rejects.toMatchObject({ code: "vault.key" });
  await Promise.all([first, lost, changing, changed, behind].map((vault) => vault.close()));
});

it("leaves what opens with no key as it is, and goes on with the rest", async ({ world }) => {
  const { deps } = world;
  const { db, clock } = deps;
  const ana = await world.actor();
  const vault = withKeys(deps, { encryptionKey: NEW });
  await putSecret({ ...deps, vault }, ana, { ...mine, name: "BROKEN", value: "x" });
  await putSecret({ ...deps, vault }, ana, { ...mine, name: "SOUND", value: "y" });
  const where = { workspaceId_name: { workspaceId: ana.workspaceId, name: "BROKEN" } };
  await db.secret.update({ where, data: { sealed: "AAAA" } });
  expect(await rotateKeys({ db, vault, clock })).toMatchObject({ unreadable: 1 });
  expect(await vault.resolve(ana, "${SOUND}", use)).toBe("y");
  expect((await db.secret.findUniqueOrThrow({ where })).sealed).toBe("AAAA");
  // It must not be taken for a rotation that was broken off, now and for ever.
  const before = await vault.keys.current();
  expect(await rotateKeys({ db, vault, clock })).toMatchObject({ resumed: false, unreadable: 1 });
  expect((await vault.keys.current()).id).not.toBe(before.id);
  expect(await vault.resolve(ana, "${SOUND}", use)).toBe("y");
  await db.secret.delete({ where });
  await vault.close();
});

it("makes one first key, however many start at once", async ({ world: { deps } }) => {
  await deps.db.secretKey.updateMany({ data: { retiredAt: new Date() } });
  const vaults = Array.from({ length: 5 }, () => withKeys(deps, { encryptionKey: NEW }));
  const keys = await Promise.all(vaults.map((vault) => vault.keys.current()));
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
  await Promise.all(vaults.map((vault) => vault.close()));
});

it("begins anew where the key of the settings is lost: what it sealed stays, and new secrets can be stored", async ({
  world,
}) => {
  const { deps } = world;
  const { db, clock } = deps;
  await db.secret.deleteMany();
  await db.secretKey.deleteMany();
  const ana = await world.actor();
  const before = withKeys(deps, { encryptionKey: OLD });
  await putSecret({ ...deps, vault: before }, ana, { ...mine, name: "LOST", value: "x" });
  await rotateKeys({ db, vault: before, clock }); // keys that JWT_SECRET had sealed, too
  await before.close();
  const vault = withKeys(deps, { encryptionKey: NEW, jwtSecret: "another secret that is long enough too" });
  await expect(putSecret({ ...deps, vault }, ana, { ...mine, name: "FRESH", value: "y" })).rejects.toMatchObject({
    code: "vault.key",
    message: expect.stringContaining("--anew") as string,
  });
  await expect(rotateKeys({ db, vault, clock })).rejects.toMatchObject({ code: "vault.key" });
  await rotateKeys({ db, vault, clock }, { anew: true });
  await putSecret({ ...deps, vault }, ana, { ...mine, name: "FRESH", value: "y" });
  expect(await vault.resolve(ana, "${FRESH}", use)).toBe("y");
  await expect(vault.resolve(ana, "${LOST}", use)).rejects.toMatchObject({ code: "vault.key" });
  await putSecret({ ...deps, vault }, ana, { ...mine, name: "LOST", value: "again" });
  expect(await vault.resolve(ana, "${LOST}", use)).toBe("again");
  await vault.close();
});
