import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { it as base, type World } from "#tests/support/world.ts";
import { describe, expect } from "vitest";
import type { Actor } from "../../kernel/actor.ts";
import { createToolGateway } from "../../mcp/create-gateway.ts";
import { putSecret } from "../secrets/index.ts";
import { auditWriter, createUpstream, upstreamDetails, upstreamSource } from "../upstreams/index.ts";
import { CreateUpstream } from "../upstreams/schema.ts";
import { activeServers, addServer, configureServer, findInCatalogue, removeServer } from "./index.ts";
import { AddServer, FindServers } from "./schema.ts";

interface Plant {
  world: World;
  modbus: TestUpstream;
  other: TestUpstream;
}

/** A world whose gateway reads the registered upstreams, and two servers to register. */
const it = base.extend<{ plant: Plant }>({
  plant: async ({ world }, use) => {
    const [modbus, other] = await Promise.all([startCountingUpstream(), startCountingUpstream({ era: "legacy" })]);
    const { deps } = world;
    const before = deps.tools;
    deps.tools = createToolGateway({
      upstreams: upstreamSource(deps),
      audit: auditWriter(deps),
      live: deps.live,
      log: deps.log,
      clock: deps.clock,
      version: "test",
      defaultTimeoutMs: 5_000,
      vault: deps.vault,
      credentials: deps.credentials,
      pace: { connectMs: 1_000, retryMs: [20, 100] },
    });
    await use({ world, modbus, other });
    await deps.tools.close();
    deps.tools = before;
    await deps.db.upstream.deleteMany();
    await deps.db.upstreamActivation.deleteMany();
    await Promise.all([modbus.stop(), other.stop()]);
  },
});
const add = ({ world }: Plant, actor: Actor, name: string, config: Record<string, unknown> = {}, activate = true) =>
  addServer(world.deps, actor, AddServer.parse({ name, config, activate }));
const find = ({ world }: Plant, actor: Actor, query = "", limit = 200) =>
  findInCatalogue(world.deps, actor, FindServers.parse({ query, limit }));

describe("adding a server", () => {
  it("asks for the configuration, takes it, and makes the server active for whoever added it", async ({ plant }) => {
    const owner = await plant.world.actor({ owner: true });
    const colleague = await plant.world.actor({ role: "editor", workspaceId: owner.workspaceId });
    expect(await add(plant, owner, "filesystem")).toMatchObject({
      status: "config_required",
      schema: { required: ["folders"] },
      wrong: [{ path: "folders", message: "is required" }],
    });
    expect(await add(plant, owner, "modbus", { url: plant.modbus.url })).toMatchObject({
      status: "active",
      server: "modbus",
      state: "ok",
      tools: 7,
      activated: true,
    });
    const [own] = await activeServers(plant.world.deps, owner);
    expect(own).toMatchObject({
      name: "modbus",
      own: true,
      tools: expect.arrayContaining(["modbus.plain"]) as unknown,
    });
    expect(await activeServers(plant.world.deps, colleague)).toEqual([]);
    // Registered now: an editor needs nobody to have it too.
    expect(await add(plant, colleague, "modbus")).toMatchObject({ status: "active", tools: 7 });
    expect((await activeServers(plant.world.deps, colleague)).map(({ name }) => name)).toEqual(["modbus"]);
  });

  it("asks for secrets by name, and goes on when they are there", async ({ plant }) => {
    const { deps } = plant.world;
    const owner = await plant.world.actor({ owner: true });
    const config = { server: new URL(plant.modbus.url).origin };
    const wanted = await add(plant, owner, "home-assistant", config);
    expect(wanted).toMatchObject({ status: "secrets_required", names: ["HOME_ASSISTANT_TOKEN"] });
    await putSecret(deps, owner, { name: "HOME_ASSISTANT_TOKEN", value: "ha-secret-value", scope: "workspace" });
    expect(await add(plant, owner, "home-assistant", config)).toMatchObject({ status: "active" });
    const written = JSON.stringify([
      await deps.db.upstream.findMany(),
      await deps.db.auditEntry.findMany({ select: { detail: true, subject: true } }),
    ]);
    expect(written).toContain("${HOME_ASSISTANT_TOKEN}");
    expect(written).not.toContain("ha-secret-value");
  });

  it("says who may activate it", async ({ plant }) => {
    const admin = await plant.world.actor({ role: "admin" });
    const editor = await plant.world.actor({ role: "editor" });
    const viewer = await plant.world.actor({ role: "viewer" });
    expect(await add(plant, admin, "opcua")).toMatchObject({ status: "approval_required", needs: "owner" });
    expect(await add(plant, editor, "github")).toMatchObject({ status: "approval_required", needs: "admin" });
    expect(await add(plant, viewer, "microsoft-learn")).toMatchObject({ status: "approval_required", needs: "editor" });
    expect(await plant.world.deps.db.upstream.count()).toBe(0);
  });

  it("gives an editor no private address, whatever the entry", async ({ plant }) => {
    const editor = await plant.world.actor({ role: "editor" });
    expect(await add(plant, editor, "microsoft-learn")).toMatchObject({ status: "active", server: "microsoft-learn" });
    const details = await upstreamDetails(plant.world.deps, editor, { id: "microsoft-learn" });
    expect(details).toMatchObject({ scope: "workspace", source: "catalogue", pinning: "first-use", policy: {} });
  });

  it("shows where each person signs in to servers that want that", async ({ plant }) => {
    const editor = await plant.world.actor({ role: "editor" });
    expect(await add(plant, editor, "linear")).toMatchObject({
      status: "active",
      connect: "/connections/linear/start",
    });
  });

  it("only registers it where that is wanted", async ({ plant }) => {
    const owner = await plant.world.actor({ owner: true });
    expect(await add(plant, owner, "modbus", { url: plant.modbus.url }, false)).toMatchObject({ activated: false });
    expect(await activeServers(plant.world.deps, owner)).toEqual([]);
    expect((await find(plant, owner, "modbus"))[0]).toMatchObject({ name: "modbus", registered: true, active: false });
  });

  it("registers it once for two at the same time", async ({ plant }) => {
    const owner = await plant.world.actor({ owner: true });
    const other = await plant.world.actor({ owner: true, workspaceId: owner.workspaceId });
    const both = await Promise.all([owner, other].map((one) => add(plant, one, "modbus", { url: plant.modbus.url })));
    expect(both.map(({ status }) => status)).toEqual(["active", "active"]);
    expect(await plant.world.deps.db.upstream.count()).toBe(1);
    expect(await plant.world.deps.db.upstreamActivation.count()).toBe(2);
  });

  it("knows no name that is neither in the catalogue nor registered", async ({ plant }) => {
    const owner = await plant.world.actor({ owner: true });
    await expect(add(plant, owner, "nonsense")).rejects.toMatchObject({ kind: "missing", code: "catalogue.missing" });
  });
});

describe("an added server", () => {
  it("can be configured anew, by whoever added it or an administrator", async ({ plant }) => {
    const { deps } = plant.world;
    const owner = await plant.world.actor({ owner: true });
    const editor = await plant.world.actor({ role: "editor", workspaceId: owner.workspaceId });
    await add(plant, owner, "modbus", { url: plant.modbus.url });
    await expect(
      configureServer(deps, editor, { name: "modbus", config: { url: plant.other.url } }),
    ).rejects.toMatchObject({ kind: "forbidden" });
    expect(await configureServer(deps, owner, { name: "modbus", config: { url: "nowhere" } })).toMatchObject({
      status: "config_required",
      wrong: [{ path: "url" }],
    });
    await configureServer(deps, owner, { name: "modbus", config: { url: plant.other.url } });
    expect(await deps.tools.check("modbus", owner.workspaceId)).toMatchObject({ state: "ok", protocol: "2025-11-25" });
  });

  it("is gone for one, and for all with the last", async ({ plant }) => {
    const { deps } = plant.world;
    const owner = await plant.world.actor({ owner: true });
    const editor = await plant.world.actor({ role: "editor", workspaceId: owner.workspaceId });
    await add(plant, owner, "modbus", { url: plant.modbus.url });
    await expect(removeServer(deps, editor, { name: "modbus" })).rejects.toMatchObject({ kind: "forbidden" });
    await add(plant, editor, "modbus");
    expect(await removeServer(deps, owner, { name: "modbus" })).toEqual({ status: "deactivated", server: "modbus" });
    expect((await activeServers(deps, editor)).map(({ name }) => name)).toEqual(["modbus"]);
    // who did not register it does not take it from who did
    expect(await removeServer(deps, editor, { name: "modbus" })).toEqual({ status: "deactivated", server: "modbus" });
    expect(await deps.db.upstream.count()).toBe(1);
    expect(await removeServer(deps, owner, { name: "modbus" })).toEqual({ status: "removed", server: "modbus" });
    expect(await deps.db.upstream.count()).toBe(0);
  });

  it("that an administrator registered is everybody's, and not removed by one", async ({ plant }) => {
    const { deps } = plant.world;
    const owner = await plant.world.actor({ owner: true });
    await createUpstream(
      deps,
      owner,
      CreateUpstream.parse({ name: "lab", title: "Lab", url: plant.modbus.url, scope: "workspace" }),
    );
    expect((await activeServers(deps, owner)).map(({ name, own }) => [name, own])).toEqual([["lab", false]]);
    await expect(removeServer(deps, owner, { name: "lab" })).rejects.toMatchObject({ kind: "conflict" });
    await expect(configureServer(deps, owner, { name: "lab", config: {} })).rejects.toMatchObject({ kind: "conflict" });
  });
});

it("finds registered servers by their tools, with the tools that fit", async ({ plant }) => {
  const owner = await plant.world.actor({ owner: true });
  await add(plant, owner, "modbus", { url: plant.modbus.url });
  const [first] = await find(plant, owner, "read stock of a material");
  expect(first).toMatchObject({ name: "modbus", active: true, state: "ok" });
  expect(first?.tools[0]).toMatchObject({ name: "modbus.read_stock", class: "read" });
});

it("keeps what a workspace has from everybody else", async ({ plant }) => {
  const { deps } = plant.world;
  const owner = await plant.world.actor({ owner: true });
  const stranger = await plant.world.actor({ owner: true });
  await createUpstream(
    deps,
    owner,
    CreateUpstream.parse({ name: "lab", title: "Lab", url: plant.modbus.url, scope: "workspace" }),
  );
  await add(plant, owner, "modbus", { url: plant.modbus.url });
  expect((await find(plant, stranger)).filter(({ registered }) => registered)).toEqual([]);
  expect((await find(plant, stranger)).map(({ name }) => name)).not.toContain("lab");
  expect(await activeServers(deps, stranger)).toEqual([]);
  for (const attempt of [
    () => add(plant, stranger, "lab"),
    () => removeServer(deps, stranger, { name: "lab" }),
    () => removeServer(deps, stranger, { name: "modbus" }),
    () => configureServer(deps, stranger, { name: "lab", config: {} }),
  ])
    await expect(attempt()).rejects.toMatchObject({ kind: "missing" });
  // The same entry is theirs to add, beside ours.
  expect(await add(plant, stranger, "modbus", { url: plant.other.url })).toMatchObject({ status: "active" });
  expect(await deps.db.upstream.count({ where: { name: "modbus" } })).toBe(2);
});
