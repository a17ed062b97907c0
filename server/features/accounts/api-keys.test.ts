import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256 } from "../../kernel/crypto.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { CreateApiKey } from "./schema.ts";
import { createWorld, type World } from "./test-world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const wish = (more: object = {}) => CreateApiKey.parse({ name: "MES", ...more });
const inHours = (hours: number) => new Date(world.deps.clock.now().getTime() + hours * 3_600_000);

it("shows the key once and stores its hash", async () => {
  const actor = await world.person();
  const { key, id, hint } = await createApiKey(world.deps, actor, wish());
  expect(key).toMatch(/^osf_[0-9a-f]{32}$/);
  expect(key.startsWith(hint)).toBe(true);
  expect(await world.deps.db.apiKey.findUnique({ where: { id } })).toMatchObject({ hash: sha256(key) });
  const listed = await listApiKeys(world.deps, actor, { limit: 50 });
  expect(listed.items).toMatchObject([{ id, hint, name: "MES", lastUsedAt: null }]);
  expect(JSON.stringify([listed, await world.audit("api-key.create")])).not.toContain(key);
});

it("knows only scopes that are permissions", () => {
  expect(CreateApiKey.safeParse({ name: "x", scopes: ["run.read", "chat.write"] }).success).toBe(true);
  expect(CreateApiKey.safeParse({ name: "x", scopes: ["run.rewrite"] }).success).toBe(false);
});

it("gives no scope that the creator does not have, by role or by scope", async () => {
  const [host, guest] = [await world.person(), await world.person()];
  const viewer = await world.join(guest, host.workspaceId, "viewer");
  await expect(createApiKey(world.deps, viewer, wish({ scopes: ["run.read", "run.control"] }))).rejects.toMatchObject({
    kind: "unprocessable",
    code: "api-key.scope",
    hints: { fields: [{ path: "scopes[1]" }] },
  });
  await expect(createApiKey(world.deps, host, wish({ scopes: ["admin.read"] }))).rejects.toMatchObject({
    code: "api-key.scope",
  });
  const limited = { ...host, via: "api-key", scopes: ["api-key.write", "run.read"] } as const;
  await expect(
    createApiKey(world.deps, { ...limited, scopes: [...limited.scopes] }, wish({ scopes: ["chat.read"] })),
  ).rejects.toMatchObject({ code: "api-key.scope" });
});

it("limits a key without scopes that a limited key creates to that one's scopes", async () => {
  const actor = await world.person();
  const parent = await createApiKey(world.deps, actor, wish({ scopes: ["api-key.write", "run.read"] }));
  const limited = { ...actor, via: "api-key" as const, credentialId: parent.id, scopes: parent.scopes };
  const child = await createApiKey(world.deps, limited, wish());
  expect(child.scopes).toEqual(["api-key.write", "run.read"]);
});

it("refuses an expiry that has passed, and one beyond that of the creating key", async () => {
  const actor = await world.person();
  await expect(createApiKey(world.deps, actor, wish({ expiresAt: inHours(0) }))).rejects.toMatchObject({
    code: "api-key.expiry",
    hints: { fields: [{ path: "expiresAt" }] },
  });
  const parent = await createApiKey(world.deps, actor, wish({ expiresAt: inHours(2) }));
  const byKey = { ...actor, via: "api-key" as const, credentialId: parent.id };
  await expect(createApiKey(world.deps, byKey, wish({ expiresAt: inHours(3) }))).rejects.toMatchObject({
    code: "api-key.expiry",
  });
  expect((await createApiKey(world.deps, byKey, wish())).expiresAt).toEqual(inHours(2));
});

it("lists page by page, the newest first, without revoked keys", async () => {
  const actor = await world.person();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    world.pass(1_000);
    ids.unshift((await createApiKey(world.deps, actor, wish({ name: `key ${i}` }))).id);
  }
  await revokeApiKey(world.deps, actor, { id: ids[1] ?? "" });
  const first = await listApiKeys(world.deps, actor, { limit: 3 });
  expect(first.items.map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3]]);
  const second = await listApiKeys(world.deps, actor, { limit: 3, cursor: first.nextCursor ?? "" });
  expect(second).toMatchObject({ items: [{ id: ids[4] }], nextCursor: null });
});

it("hides keys from a stranger, from a colleague, and from the same person in another workspace", async () => {
  const [actor, host, stranger] = [await world.person(), await world.person(), await world.person()];
  const elsewhere = await world.join(actor, host.workspaceId, "admin");
  const { id } = await createApiKey(world.deps, elsewhere, wish());
  for (const other of [stranger, host, actor]) {
    expect((await listApiKeys(world.deps, other, { limit: 50 })).items).toEqual([]);
    await expect(revokeApiKey(world.deps, other, { id })).rejects.toMatchObject({ kind: "missing" });
  }
  expect(await world.deps.db.apiKey.findUnique({ where: { id } })).toMatchObject({ revokedAt: null });
});

it("revokes once; a second time the key does not exist", async () => {
  const actor = await world.person();
  const { id } = await createApiKey(world.deps, actor, wish());
  await revokeApiKey(world.deps, actor, { id });
  await expect(revokeApiKey(world.deps, actor, { id })).rejects.toMatchObject({ kind: "missing" });
});
