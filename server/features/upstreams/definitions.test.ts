import { it, type World } from "#tests/support/world.ts";
import { describe, expect } from "vitest";
import type { Actor } from "../../kernel/actor.ts";
import type { Settings } from "../../kernel/settings.ts";
import { createToolGateway } from "../../mcp/create-gateway.ts";
import {
  auditWriter,
  createUpstream,
  findUpstream,
  removeUpstream,
  updateUpstream,
  upstreamDetails,
  upstreamSource,
} from "./index.ts";
import { CreateUpstream, UpdateUpstream } from "./schema.ts";
import { upstreamLogs } from "./upstream-logs.ts";

/** The gateway reads rows, and reaches nobody: nothing listens where these servers are said to be. */
const it_ = it.extend<{ deps: World["deps"] }>({
  deps: async ({ world }, use) => {
    const settings: Settings = {
      ...world.deps.settings,
      upstreams: [
        {
          name: "fixed",
          title: "Fixed",
          url: "http://127.0.0.1:9/mcp",
          source: "environment",
          auth: { kind: "bearer", token: "value-of-the-environment" },
        },
        {
          name: "tool",
          title: "Tool",
          url: "npx tool",
          source: "environment",
          transport: { kind: "stdio", command: "npx", args: ["tool", "--key=hidden"], env: { KEY: "hidden-too" } },
        },
        {
          name: "plain",
          title: "Plain",
          url: "http://127.0.0.1:9",
          source: "environment",
          transport: { kind: "openapi", document: "http://127.0.0.1:9/openapi.json?key=hidden-as-well" },
        },
      ],
    };
    const base = { ...world.deps, settings };
    const tools = createToolGateway({
      upstreams: upstreamSource(base),
      audit: auditWriter(base),
      live: base.live,
      log: base.log,
      clock: base.clock,
      version: "test",
      defaultTimeoutMs: 1_000,
      pace: { connectMs: 500, retryMs: [20, 100] },
    });
    await use({ ...base, tools });
    await tools.close();
    await world.deps.db.upstream.deleteMany();
  },
});

const URL = "http://127.0.0.1:9/mcp";
const create = (deps: World["deps"], actor: Actor, more: Record<string, unknown> = {}) =>
  createUpstream(deps, actor, CreateUpstream.parse({ name: "lab", title: "Lab", url: URL, ...more }));
const update = (deps: World["deps"], actor: Actor, more: Record<string, unknown>) =>
  updateUpstream(deps, actor, UpdateUpstream.parse({ id: "lab", ...more }));
const wrongFields = (input: Record<string, unknown>) =>
  CreateUpstream.safeParse({ name: "lab", title: "Lab", url: URL, ...input }).error?.issues.map(({ path }) =>
    path.join("."),
  ) ?? [];

describe("what a definition may hold", () => {
  it.for([
    [{ auth: { kind: "bearer", token: "abc" } }, "auth.token"],
    [{ auth: { kind: "bearer", token: "x${LAB_TOKEN}" } }, "auth.token"],
    [{ auth: { kind: "header", header: "X-Key", value: "abc" } }, "auth.value"],
    [{ auth: { kind: "header", header: "X Key", value: "${A}" } }, "auth.header"],
    [{ auth: { kind: "oauth-client", clientId: "c", clientSecret: "abc" } }, "auth.clientSecret"],
    [{ auth: { kind: "oauth-client", clientId: "c", refreshToken: "abc" } }, "auth.refreshToken"],
    [{ transport: { kind: "stdio", command: "npx", env: { API_KEY: "abc" } } }, "transport.env.API_KEY"],
    [{ transport: { kind: "service", operations: [{ name: "../x" }] } }, "transport.operations.0.name"],
    [{ policy: { timeoutMs: 1 } }, "policy.timeoutMs"],
    [{ policy: { roles: ["boss"] } }, "policy.roles.0"],
    [{ url: undefined }, "url"],
  ] as [Record<string, unknown>, string][])("is no %j", ([input, field]) => {
    expect(wrongFields(input)).toEqual([field]);
  });

  it("are names of secrets", () => {
    expect(wrongFields({ auth: { kind: "bearer", token: "${LAB_TOKEN}" } })).toEqual([]);
    expect(wrongFields({ auth: { kind: "header", header: "X-Key", value: "Key ${LAB_KEY}" } })).toEqual([]);
    expect(wrongFields({ transport: { kind: "stdio", command: "npx", env: { API_KEY: "${K}", LEVEL: "1" } } })).toEqual(
      [],
    );
  });
});

describe("an administrator of a workspace", () => {
  it_("registers servers for it, and no others", async ({ world, deps }) => {
    const admin = await world.actor({ role: "admin" });
    expect(await create(deps, admin)).toMatchObject({ workspaceId: admin.workspaceId, source: "admin" });
    await expect(create(deps, admin, { name: "b", scope: "all" })).rejects.toMatchObject({ kind: "forbidden" });
    await expect(
      create(deps, admin, { name: "b", url: undefined, transport: { kind: "stdio", command: "npx" } }),
    ).rejects.toMatchObject({ code: "upstream.owner", hints: { fields: [{ path: "transport.kind" }] } });
    await expect(create(deps, admin, { name: "b", policy: { privateNetwork: true } })).rejects.toMatchObject({
      code: "upstream.owner",
      hints: { fields: [{ path: "policy.privateNetwork" }] },
    });
  });

  it_("cannot lead a server that the owner let into the private network elsewhere", async ({ world, deps }) => {
    const owner = await world.actor({ role: "admin", owner: true });
    const admin = await world.actor({ role: "admin", workspaceId: owner.workspaceId });
    await create(deps, owner, { scope: "workspace" });
    const policy = async () => (await upstreamDetails(deps, admin, { id: "lab" })).policy;
    expect(await policy()).toEqual({ privateNetwork: true });
    await update(deps, admin, { title: "Laboratory", policy: { timeoutMs: 5_000 } });
    expect(await policy()).toEqual({ timeoutMs: 5_000, privateNetwork: true });
    await update(deps, admin, { url: "http://10.0.0.1/mcp", policy: { privateNetwork: true } });
    expect(await policy()).toEqual({});
    await expect(update(deps, admin, { policy: { privateNetwork: true } })).rejects.toMatchObject({
      kind: "forbidden",
    });
    await expect(update(deps, admin, { transport: { kind: "stdio", command: "sh" } })).rejects.toMatchObject({
      code: "upstream.owner",
    });
  });

  it_("cannot have the gateway ask for tokens within the private network either", async ({ world, deps }) => {
    const owner = await world.actor({ role: "admin", owner: true });
    const admin = await world.actor({ role: "admin", workspaceId: owner.workspaceId });
    const auth = { kind: "oauth-client", clientId: "gateway", tokenEndpoint: "https://issuer.example/token" };
    await create(deps, owner, { scope: "workspace", auth });
    const policy = async () => (await upstreamDetails(deps, admin, { id: "lab" })).policy;
    await update(deps, admin, { auth: { ...auth, clientId: "another" } });
    expect(await policy()).toEqual({ privateNetwork: true });
    await update(deps, admin, { auth: { ...auth, tokenEndpoint: "https://10.0.0.1/token" } });
    expect(await policy()).toEqual({});
  });

  it_("changes nothing of what is for all workspaces, nor of a process", async ({ world, deps }) => {
    const owner = await world.actor({ role: "admin", owner: true });
    const admin = await world.actor({ role: "admin", workspaceId: owner.workspaceId });
    await create(deps, owner);
    for (const attempt of [
      () => update(deps, admin, { title: "Mine" }),
      () => removeUpstream(deps, admin, { id: "lab" }),
      () => upstreamLogs(deps, admin, { id: "lab" }),
    ])
      await expect(attempt()).rejects.toMatchObject({ kind: "forbidden" });
    expect(await upstreamDetails(deps, admin, { id: "lab" })).toMatchObject({ scope: "all", editable: false });
    const process = { kind: "stdio", command: "npx", args: ["server", "--token=x"], env: {} };
    await create(deps, owner, { name: "cli", url: undefined, scope: "workspace", transport: process });
    const shown = await upstreamDetails(deps, admin, { id: "cli" });
    expect(shown).toMatchObject({ url: "npx", editable: false, transport: { args: [], env: {} } });
    await expect(update(deps, admin, { id: "cli", policy: {} })).rejects.toMatchObject({ code: "upstream.owner" });
    expect(await upstreamDetails(deps, owner, { id: "cli" })).toMatchObject({ transport: process, editable: true });
  });
});

describe("a name", () => {
  it_("is one server's in each workspace, and one for all is nobody else's", async ({ world, deps }) => {
    const owner = await world.actor({ role: "admin", owner: true });
    const [a, b] = [await world.actor(), await world.actor()];
    const taken = { code: "upstream.taken", hints: { fields: [{ path: "name" }] } };
    await create(deps, a);
    await create(deps, b);
    await expect(create(deps, a)).rejects.toMatchObject(taken);
    await expect(create(deps, owner)).rejects.toMatchObject(taken);
    await create(deps, owner, { name: "common" });
    await expect(create(deps, a, { name: "common" })).rejects.toMatchObject(taken);
    await expect(create(deps, a, { name: "fixed" })).rejects.toMatchObject(taken);
    expect((await findUpstream(deps, a, { id: "lab" })).workspaceId).toBe(a.workspaceId);
    expect((await findUpstream(deps, b, { id: "lab" })).workspaceId).toBe(b.workspaceId);
  });

  it_("goes to one of two who want it at the same time", async ({ world, deps }) => {
    const owner = await world.actor({ role: "admin", owner: true });
    const admin = await world.actor({ role: "admin" });
    const all = await Promise.allSettled([
      create(deps, owner),
      create(deps, admin),
      create(deps, owner),
      create(deps, admin),
    ]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await deps.db.upstream.count({ where: { name: "lab" } })).toBe(1);
  });
});

it_("shows of the settings' servers how they are reached, and no value", async ({ world, deps }) => {
  const owner = await world.actor({ role: "admin", owner: true });
  const fixed = await upstreamDetails(deps, owner, { id: "fixed" });
  expect(fixed).toMatchObject({ auth: { kind: "bearer", token: "[set]" }, editable: false, source: "environment" });
  const tool = await upstreamDetails(deps, owner, { id: "tool" });
  expect(tool).toMatchObject({ transport: { kind: "stdio", args: [], env: { KEY: "[set]" } } });
  expect(JSON.stringify([fixed, tool, await deps.tools.upstreams(null)])).not.toMatch(
    /hidden|value-of-the-environment/,
  );
});

it_("does not exist for a stranger", async ({ world, deps }) => {
  const admin = await world.actor({ role: "admin" });
  const stranger = await world.actor({ role: "admin", owner: true });
  const { id } = await create(deps, admin);
  for (const attempt of [
    () => upstreamDetails(deps, stranger, { id }),
    () => upstreamDetails(deps, stranger, { id: "lab" }),
    () => upstreamLogs(deps, stranger, { id }),
    () => update(deps, stranger, { id, title: "Mine" }),
    () => removeUpstream(deps, stranger, { id }),
  ])
    await expect(attempt()).rejects.toMatchObject({ kind: "missing" });
});

it_("shows the query of a document's address to whoever may change it, and to nobody else", async ({ world, deps }) => {
  const admin = await world.actor({ role: "admin" });
  const viewer = await world.actor({ role: "viewer", workspaceId: admin.workspaceId });
  const document = "https://docs.example/openapi.json?key=hidden";
  await create(deps, admin, { transport: { kind: "openapi", document } });
  const shown = async (actor: Actor, id = "lab") => (await upstreamDetails(deps, actor, { id })).transport;
  expect(await shown(admin)).toEqual({ kind: "openapi", document });
  expect(await shown(viewer)).toEqual({ kind: "openapi", document: "https://docs.example/openapi.json" });
  expect(await shown(admin, "plain")).toEqual({ kind: "openapi", document: "http://127.0.0.1:9/openapi.json" });
});
