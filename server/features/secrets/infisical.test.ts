import { expect } from "vitest";
import { startInfisical, type FakeInfisical } from "#tests/support/infisical.ts";
import { it as base, type World } from "#tests/support/world.ts";
import { listSecrets, secretUsage } from "./list-secrets.ts";
import { putSecret } from "./put-secret.ts";
import { removeSecret } from "./remove-secret.ts";
import { createVault } from "./vault.ts";

// oxlint-disable-next-line no-empty-pattern -- vitest demands the destructuring
const it = base.extend("infisical", async ({}, { onCleanup }) => {
  const server = await startInfisical();
  onCleanup(server.close);
  return server;
});
const mine = { scope: "workspace" } as const;
const use = { userId: null, purpose: "upstream:erp" };

function depsWith({ deps }: World, { settings: infisical }: FakeInfisical, now?: () => number) {
  const clock = now ? { now: () => new Date(now()) } : deps.clock;
  const vault = createVault({ ...deps, clock, settings: { ...deps.settings, infisical } });
  return { ...deps, vault };
}
const logins = ({ requests }: FakeInfisical) => requests.filter((one) => one.endsWith("/login")).length;

it("keeps each workspace's secrets in a folder of its own, made when it is first needed", async ({
  world,
  infisical,
}) => {
  const deps = depsWith(world, infisical);
  const [ana, ben] = [await world.actor(), await world.actor()];
  expect(await listSecrets(deps, ana, mine)).toEqual([]);
  const put = await putSecret(deps, ana, { ...mine, name: "ERP", value: "ana's", description: "of ERP" });
  expect(put).toMatchObject({ name: "ERP", version: 1, description: "of ERP", lastUsedAt: null });
  expect(infisical.folders.get(`/osf/${ana.workspaceId}`)?.get("ERP")?.secretValue).toBe("ana's");
  expect(await deps.db.secret.count({ where: { workspaceId: ana.workspaceId } })).toBe(0);
  await putSecret(deps, ben, { ...mine, name: "ERP", value: "ben's" });
  expect(await deps.vault.resolve(ana, "${ERP}", use)).toBe("ana's");
  expect(await deps.vault.resolve(ben, "${ERP}", use)).toBe("ben's");
  await expect(deps.vault.resolve({ workspaceId: null }, "${ERP}", use)).rejects.toMatchObject({
    code: "secret.missing",
  });
  await putSecret(deps, ana, { ...mine, name: "ERP", value: "ana's next" });
  await expect.poll(() => deps.vault.resolve(ana, "${ERP}", use)).toBe("ana's next"); // once it has heard of it

  await deps.vault.flush();
  const [listed] = await listSecrets(deps, ana, mine);
  expect(listed).toMatchObject({
    name: "ERP",
    version: 2,
    description: "of ERP",
    lastUsedAt: expect.any(Date) as Date,
  });
  expect(await secretUsage(deps, ana, { ...mine, name: "ERP" })).toMatchObject({ uses: [{ purpose: use.purpose }] });
  expect(JSON.stringify([put, listed])).not.toMatch(/ana's|hidden-by/);
  await removeSecret(deps, ana, { ...mine, name: "ERP" });
  await expect(removeSecret(deps, ana, { ...mine, name: "ERP" })).rejects.toMatchObject({ kind: "missing" });
  const audit = await deps.db.auditEntry.findMany({ where: { workspaceId: ana.workspaceId }, orderBy: { id: "asc" } });
  expect(audit.map(({ action }) => action).toSorted()).toEqual([
    "secret.create",
    "secret.remove",
    "secret.replace",
    "secret.use",
  ]);
  await deps.vault.close();
});

it("asks once in a while, not for each call, and logs in once for all", async ({ world, infisical }) => {
  let now = Date.now();
  const deps = depsWith(world, infisical, () => now);
  const ana = await world.actor();
  await putSecret(deps, ana, { ...mine, name: "ERP", value: "one" });
  await deps.vault.resolve(ana, "${ERP}", use);
  const before = infisical.requests.length;
  for (let n = 0; n < 20; n++) await deps.vault.resolve(ana, "${ERP}", use);
  expect(infisical.requests).toHaveLength(before);
  expect(logins(infisical)).toBe(1);
  // What is changed in Infisical's own pages is heard of half a minute later.
  const kept = infisical.folders.get(`/osf/${ana.workspaceId}`)?.get("ERP");
  if (kept) kept.secretValue = "two";
  now += 31_000;
  expect(await deps.vault.resolve(ana, "${ERP}", use)).toBe("two");
  now += 7_200_000;
  infisical.revokeTokens();
  await Promise.all(["a", "b", "c"].map(() => deps.vault.resolve(ana, "${ERP}", use)));
  expect(logins(infisical)).toBe(2);
  await deps.vault.close();
});

it("logs in again when its token was ended before its time", async ({ world, infisical }) => {
  const deps = depsWith(world, infisical);
  const ana = await world.actor();
  await putSecret(deps, ana, { ...mine, name: "ERP", value: "one" });
  infisical.revokeTokens();
  expect(await deps.vault.resolve(ana, "${ERP}", use)).toBe("one");
  expect(logins(infisical)).toBe(2);
  await deps.vault.close();
});

it("says that it is away, without a word of what was sent, and recovers", async ({ world, infisical }) => {
  const deps = depsWith(world, infisical);
  const ana = await world.actor();
  await putSecret(deps, ana, { ...mine, name: "ERP", value: "one" });
  infisical.fails = 503;
  const error = (await deps.vault.resolve(ana, "${ERP}", use).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ code: "vault.away", kind: "unavailable" });
  const put = putSecret(deps, ana, { ...mine, name: "OTHER", value: "never-to-be-seen" });
  const refused = (await put.catch((thrown: unknown) => thrown)) as Error;
  expect(refused).toMatchObject({ code: "vault.away" });
  const told = [error, refused].map(({ message, stack, cause }) => [message, stack, String(cause)]);
  expect(JSON.stringify(told)).not.toMatch(/never-to-be-seen|machine-s3cret/);
  expect(await deps.db.auditEntry.count({ where: { workspaceId: ana.workspaceId, subject: "OTHER" } })).toBe(0);
  infisical.fails = undefined;
  expect(await deps.vault.resolve(ana, "${ERP}", use)).toBe("one");
  await infisical.close();
  const gone = depsWith(world, infisical);
  await expect(gone.vault.resolve(ana, "${ERP}", use)).rejects.toMatchObject({ code: "vault.away" });
  await Promise.all([deps.vault.close(), gone.vault.close()]);
});

it("says so when its own client id or secret is not accepted", async ({ world, infisical }) => {
  const wrong = { ...infisical, settings: { ...infisical.settings, clientSecret: "wrong" } };
  const deps = depsWith(world, wrong);
  await expect(listSecrets(deps, await world.actor(), mine)).rejects.toMatchObject({
    code: "vault.away",
    message: expect.stringContaining("INFISICAL_CLIENT_ID") as unknown,
  });
  await deps.vault.close();
});
