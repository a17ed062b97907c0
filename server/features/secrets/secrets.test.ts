import { expect } from "vitest";
import { it } from "#tests/support/world.ts";
import { listSecrets, secretUsage } from "./list-secrets.ts";
import { putSecret } from "./put-secret.ts";
import { removeSecret } from "./remove-secret.ts";
import { createVault } from "./vault.ts";

const mine = { scope: "workspace" } as const;
const use = { userId: null, purpose: "upstream:erp" };

it("puts values in place of names, of one's own workspace alone", async ({ world: { deps, actor } }) => {
  const ana = await actor();
  const stranger = await actor();
  await putSecret(deps, ana, { ...mine, name: "ERP_TOKEN", value: "t0p-secret" });
  const text = await deps.vault.resolve(ana, "Bearer ${ERP_TOKEN} ${not_a_name}", use);
  expect(text).toBe("Bearer t0p-secret ${not_a_name}");
  await expect(deps.vault.resolve(stranger, "${ERP_TOKEN} ${OTHER}", use)).rejects.toMatchObject({
    code: "secret.missing",
    kind: "unprocessable",
    message: expect.stringContaining("ERP_TOKEN, OTHER") as unknown,
  });
  await expect(deps.vault.resolve({ workspaceId: null }, "${ERP_TOKEN}", use)).rejects.toMatchObject({
    code: "secret.missing",
  });
});

it("does not go through a value again that itself looks like a name", async ({ world: { deps, actor } }) => {
  const ana = await actor();
  await putSecret(deps, ana, { ...mine, name: "A", value: "${B}$&" });
  await putSecret(deps, ana, { ...mine, name: "B", value: "b" });
  expect(await deps.vault.resolve(ana, "${A} ${B}", use)).toBe("${B}$& b");
});

it("shows names, times and what is set up with them, never a value", async ({ world: { deps, actor } }) => {
  const ana = await actor();
  const { workspaceId } = ana;
  await deps.db.upstream.create({
    data: {
      id: `ups_${workspaceId}`,
      workspaceId,
      name: "mes",
      title: "MES",
      url: "http://mes.example",
      source: "admin",
      auth: { kind: "bearer", token: "${MES_TOKEN}" },
    },
  });
  const put = await putSecret(deps, ana, { ...mine, name: "MES_TOKEN", value: "hunter22hunter22", description: "MES" });
  expect(put).toMatchObject({ name: "MES_TOKEN", version: 1, lastUsedAt: null, usedBy: ["mes"], description: "MES" });
  const again = await putSecret(deps, ana, { ...mine, name: "MES_TOKEN", value: "hunter33hunter33" });
  expect(again).toMatchObject({ version: 2, description: "MES" });

  await deps.vault.resolve(ana, "${MES_TOKEN}", { userId: ana.userId, purpose: "upstream:mes", runId: "run_1" });
  await deps.vault.resolve(ana, "${MES_TOKEN}", { userId: ana.userId, purpose: "upstream:mes", runId: "run_2" });
  await deps.vault.flush();
  const usage = await secretUsage(deps, ana, { ...mine, name: "MES_TOKEN" });
  expect(usage).toMatchObject({
    usedBy: ["mes"],
    uses: [{ userId: ana.userId, person: "Test Person", purpose: "upstream:mes", runId: "run_1" }],
  });
  const [listed] = await listSecrets(deps, ana, mine);
  expect(listed?.lastUsedAt).toBeInstanceOf(Date);

  const audit = await deps.db.auditEntry.findMany({ where: { workspaceId } });
  expect(audit.map(({ action }) => action).toSorted()).toEqual(["secret.create", "secret.replace", "secret.use"]);
  const rows = await deps.db.secret.findMany({ where: { workspaceId } });
  expect(JSON.stringify([put, again, usage, listed, audit, rows])).not.toMatch(/hunter/);
});

it("hides a stranger's secrets and removes nothing of them", async ({ world: { deps, actor } }) => {
  const ana = await actor();
  const stranger = await actor({ owner: true });
  await putSecret(deps, ana, { ...mine, name: "OWN", value: "x" });
  expect(await listSecrets(deps, stranger, mine)).toEqual([]);
  await expect(removeSecret(deps, stranger, { ...mine, name: "OWN" })).rejects.toMatchObject({ kind: "missing" });
  await expect(secretUsage(deps, stranger, { ...mine, name: "OWN" })).rejects.toMatchObject({ kind: "missing" });
  await putSecret(deps, stranger, { ...mine, name: "OWN", value: "y" });
  expect(await deps.vault.resolve(ana, "${OWN}", use)).toBe("x");
});

it("leaves the installation's secrets to the platform's owner", async ({ world: { deps, actor } }) => {
  const ana = await actor();
  const owner = await actor({ owner: true });
  const all = { scope: "installation", name: "FOR_ALL" } as const;
  await expect(putSecret(deps, ana, { ...all, value: "x" })).rejects.toMatchObject({ kind: "forbidden" });
  await expect(listSecrets(deps, ana, all)).rejects.toMatchObject({ kind: "forbidden" });
  await putSecret(deps, owner, { ...all, value: "for all" });
  await expect(removeSecret(deps, ana, all)).rejects.toMatchObject({ kind: "forbidden" });
  expect(await deps.vault.resolve({ workspaceId: null }, "${FOR_ALL}", use)).toBe("for all");
  await expect(deps.vault.resolve(ana, "${FOR_ALL}", use)).rejects.toMatchObject({ code: "secret.missing" });
});

it("forgets a value in every process as soon as it is changed or removed", async ({ world: { deps, actor } }) => {
  const ana = await actor();
  const elsewhere = createVault(deps);
  const changed = () =>
    new Promise<void>((heard) => {
      const end = deps.live.subscribe("secrets", (owner) => {
        if (owner !== ana.workspaceId) return;
        end();
        heard();
      });
    });
  await putSecret(deps, ana, { ...mine, name: "S", value: "one" });
  expect(await elsewhere.resolve(ana, "${S}", use)).toBe("one");
  let heard = changed();
  await putSecret(deps, ana, { ...mine, name: "S", value: "two" });
  await heard;
  expect(await elsewhere.resolve(ana, "${S}", use)).toBe("two");
  heard = changed();
  await removeSecret(deps, ana, { ...mine, name: "S" });
  await heard;
  await expect(elsewhere.resolve(ana, "${S}", use)).rejects.toMatchObject({ code: "secret.missing" });
  await elsewhere.close();
});

it("does not open what was moved to another row, put back, or sealed for something else", async ({
  world: { deps, actor },
}) => {
  const ana = await actor();
  const other = await actor();
  await putSecret(deps, ana, { ...mine, name: "MOVED", value: "ana's" });
  const { sealed, keyId } = await deps.db.secret.findFirstOrThrow({ where: { workspaceId: ana.workspaceId } });
  await putSecret(deps, other, { ...mine, name: "MOVED", value: "other's" });
  await deps.db.secret.updateMany({ where: { workspaceId: other.workspaceId }, data: { sealed, keyId } });
  await expect(deps.vault.resolve(other, "${MOVED}", use)).rejects.toMatchObject({ code: "vault.changed" });

  const token = await deps.vault.seal("token", "upstream:a");
  expect(token).not.toContain("token");
  expect(await deps.vault.open(token, "upstream:a")).toBe("token");
  await expect(deps.vault.open(token, "upstream:b")).rejects.toMatchObject({ code: "vault.changed" });
  await expect(deps.vault.open(`${token.slice(0, -2)}AA`, "upstream:a")).rejects.toMatchObject({ kind: "bug" });
});
