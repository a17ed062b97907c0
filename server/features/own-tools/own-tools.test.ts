import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { debug, fn, inject, node } from "#tests/support/flow-nodes.ts";
import { keyFor, startEndpoint, type TestEndpoint } from "#tests/support/mcp-endpoint.ts";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { it as base, type World } from "#tests/support/world.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Permission } from "#server/kernel/permissions.ts";
import { flowWorker } from "../flows/execute/test-execution.ts";
import { setFlowTool } from "../flows/flow-tool.ts";
import { createFlow, type FlowNode, type FlowTool } from "../flows/index.ts";
import { ownToolSource } from "./index.ts";

const it = base.extend<{ $file: { endpoint: TestEndpoint; upstream: TestUpstream } }>({
  endpoint: [
    async ({ world }, use) => {
      const worker = await flowWorker(world);
      const endpoint = await startEndpoint(world.deps, ownToolSource(world.deps));
      await use(endpoint);
      await endpoint.stop();
      await worker.stop();
    },
    { scope: "file" },
  ],
  upstream: [
    // vitest demands the destructuring
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const upstream = await startCountingUpstream();
      await use(upstream);
      await upstream.stop();
    },
    { scope: "file" },
  ],
});
beforeEach<{ world: World; upstream: TestUpstream }>(({ world, upstream }) =>
  world.setUpstreams([{ name: "plant", url: upstream.url }]),
);
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

async function connect({ deps }: World, { url }: TestEndpoint, actor: Actor, scopes: Permission[] = []) {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const requestInit = { headers: { Authorization: `Bearer ${await keyFor(deps, actor, scopes)}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  open.push(client);
  return client;
}
const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);
const call = async (client: Client, name: string, args: Record<string, unknown> = {}) => {
  const result = await client.callTool({ name, arguments: args });
  const text = (result.content as { text?: string }[]).map((part) => part.text ?? "").join("");
  return { failed: result.isError === true, value: result.structuredContent as Record<string, never>, text };
};

const tab = (name: string): FlowNode => ({ id: "t", type: "tab", label: name });
const makeFlow = async ({ deps }: World, actor: Actor, name: string, nodes: object[]) =>
  (await createFlow(deps, actor, { name, nodes: [tab(name), ...(nodes as FlowNode[])] })).id;
/** Doubles `n` of its payload. */
const doubling = (world: World, actor: Actor) =>
  makeFlow(world, actor, "Doubling", [
    inject("i", ["f"]),
    fn("f", "msg.payload = { doubled: msg.payload.n * 2 }; return msg;", ["o"]),
    debug("o"),
  ]);
const YES_OR_NO = [
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];
const asking = (world: World, actor: Actor) =>
  makeFlow(world, actor, "Asking", [
    inject("i", ["q"]),
    node("q", "osf-human-input", { title: "Go on?", question: "Go on?", options: YES_OR_NO }, ["o"], ["o"]),
    debug("o"),
  ]);
const DOUBLE: FlowTool = {
  name: "double_it",
  description: "Doubles a number",
  inputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
  class: "read",
};

describe("the gateway's own tools, for an MCP client", () => {
  it("are offered after role and scopes", async ({ world, endpoint }) => {
    const operator = await world.actor({ role: "operator" });
    expect(await namesOf(await connect(world, endpoint, operator))).toEqual(
      expect.arrayContaining([
        "list_flows",
        "run_flow",
        "get_run",
        "respond_to_approval",
        "run_code",
        "mcp-find",
        "mcp-exec",
        "mcp-add",
        "mcp-remove",
        "mcp-config-set",
      ]),
    );
    const viewer = await namesOf(await connect(world, endpoint, await world.actor({ role: "viewer" })));
    expect(viewer).toContain("list_flows");
    for (const name of ["run_flow", "respond_to_approval", "mcp-add"]) expect(viewer).not.toContain(name);
    const limited = await namesOf(await connect(world, endpoint, operator, ["mcp.use", "tool.read", "flow.read"]));
    expect(limited).toContain("list_flows");
    for (const name of ["run_flow", "run_code", "mcp-add"]) expect(limited).not.toContain(name);
  });

  it("list flows, run one, and say what it came to", async ({ world, endpoint }) => {
    const actor = await world.actor({ role: "operator" });
    const flowId = await doubling(world, actor);
    const client = await connect(world, endpoint, actor);
    const { value: list } = await call(client, "list_flows", { search: "doubl" });
    expect(list).toMatchObject({ flows: [{ flow_id: flowId, name: "Doubling" }] });
    const { value: run } = await call(client, "run_flow", { flow_id: flowId, input: { n: 21 } });
    expect(run).toMatchObject({ status: "completed", output: { payload: { doubled: 42 } } });
    expect((await call(client, "get_run", { run_id: String(run["run_id"]) })).value).toMatchObject({
      status: "completed",
    });
  });

  it("answer at once what waits for a person, who may answer by way of the client", async ({ world, endpoint }) => {
    const actor = await world.actor({ role: "operator" });
    const flowId = await asking(world, actor);
    const client = await connect(world, endpoint, actor);
    const { value: run, text } = await call(client, "run_flow", { flow_id: flowId, input: 1 });
    expect(run, text).toMatchObject({ status: "waiting", waits_for: [{ title: "Go on?", may_respond: true }] });
    const [asked] = run["waits_for"] as unknown as { approval_id: string; options: { value: string }[] }[];
    await call(client, "respond_to_approval", { approval_id: asked!.approval_id, decision: asked!.options[0]!.value });
    const ended = await call(client, "get_run", { run_id: String(run["run_id"]), wait_seconds: 20 });
    expect(ended.value).toMatchObject({ status: "completed" });
  });

  it("leave consent for calls of tools to people", async ({ world, endpoint }) => {
    const actor = await world.actor({ role: "operator" });
    const { id } = await world.deps.db.approval.create({
      data: {
        id: `apr_${actor.userId}`,
        workspaceId: actor.workspaceId,
        kind: "tool",
        title: "Call plant.erase?",
        question: "?",
        detail: {},
        options: [{ value: "approve", label: "Yes" }],
        form: [],
      },
    });
    const answer = await call(await connect(world, endpoint, actor), "respond_to_approval", {
      approval_id: id,
      decision: "approve",
    });
    expect(answer).toMatchObject({ failed: true, text: expect.stringContaining("inbox") as string });
    expect(await world.deps.db.approval.findUnique({ where: { id } })).toMatchObject({ status: "open" });
  });

  it("find tools and call them by name, with their arguments checked", async ({ world, endpoint, upstream }) => {
    const actor = await world.actor({ role: "operator" });
    const client = await connect(world, endpoint, actor);
    const { value } = await call(client, "mcp-find", { query: "stock of a material", limit: 1 });
    expect(value).toMatchObject({
      tools: [{ name: "plant.read_stock", inputSchema: { properties: { material: { type: "string" } } } }],
    });
    const typed = await call(client, "mcp-find", { query: "stock of a material", limit: 1, format: "typescript" });
    expect(JSON.stringify(typed.value)).toContain(
      "tools.plant.read_stock(args: { material: string }): Promise<unknown>",
    );
    const before = upstream.calls().length;
    const done = await call(client, "mcp-exec", { name: "plant.read_stock", arguments: { material: "M-1" } });
    expect(done).toMatchObject({ failed: false, value: { material: "M-1", stock: 42 } });
    expect(upstream.calls()).toHaveLength(before + 1);
    const wrong = await call(client, "mcp-exec", { name: "plant.read_stock", arguments: { material: 7 } });
    expect(wrong).toMatchObject({ failed: true, text: expect.stringContaining("material") as string });
    expect((await call(client, "mcp-exec", { name: "nobody.knows" })).failed).toBe(true);
  });

  it("run code whose calls are audited as the person's", async ({ world, endpoint }) => {
    const actor = await world.actor({ role: "operator" });
    await setFlowTool(world.deps, actor, { id: await doubling(world, actor), tool: DOUBLE });
    const code = `const { stock } = await tools.plant.read_stock({ material: "X" });
      const { doubled } = await flows.double_it({ n: stock });
      return { doubled };`;
    const answer = await call(await connect(world, endpoint, actor), "run_code", { code });
    expect(answer).toMatchObject({ failed: false, value: { result: { doubled: 84 } } });
    await vi.waitFor(async () =>
      expect(
        await world.deps.db.auditEntry.findFirst({ where: { userId: actor.userId, subject: "plant.read_stock" } }),
      ).toMatchObject({ workspaceId: actor.workspaceId, outcome: "ok" }),
    );
  });

  it("show a stranger nothing", async ({ world, endpoint }) => {
    const owner = await world.actor({ role: "operator" });
    const flowId = await doubling(world, owner);
    await setFlowTool(world.deps, owner, { id: flowId, tool: DOUBLE });
    const { value: run } = await call(await connect(world, endpoint, owner), "run_flow", {
      flow_id: flowId,
      input: { n: 1 },
    });
    const stranger = await connect(world, endpoint, await world.actor({ role: "admin" }));
    expect(await namesOf(stranger)).not.toContain("double_it");
    for (const [name, args] of [
      ["run_flow", { flow_id: flowId }],
      ["get_run", { run_id: String(run["run_id"]) }],
      ["respond_to_approval", { approval_id: "apr_unknown", decision: "approve" }],
    ] as const)
      expect(await call(stranger, name, args), name).toMatchObject({
        failed: true,
        text: expect.stringContaining("does not exist") as string,
      });
    expect((await call(stranger, "list_flows")).value).toEqual({ flows: [] });
  });
});

describe("a flow that its owner made a tool", () => {
  it("is called like any tool, by clients of both eras, and announces that it came and went", async ({
    world,
    endpoint,
  }) => {
    const actor = await world.actor({ role: "operator" });
    const id = await doubling(world, actor);
    const client = await connect(world, endpoint, actor);
    expect(await namesOf(client)).not.toContain("double_it");
    const heard = vi.fn<(workspaceId: string | null) => void>();
    const source = ownToolSource(world.deps);
    source.onChange(heard);
    await source.for(actor);
    await setFlowTool(world.deps, actor, { id, tool: DOUBLE });
    await vi.waitFor(() => expect(heard.mock.calls).toEqual([[actor.workspaceId]]));
    // This client keeps a list for as long as it is told to.
    const { tools } = await (await connect(world, endpoint, actor)).listTools();
    expect(tools.find(({ name }) => name === "double_it")).toMatchObject({
      title: "Doubling",
      description: "Doubles a number",
      inputSchema: DOUBLE.inputSchema,
      annotations: { readOnlyHint: true },
    });
    expect(await call(client, "double_it", { n: 4 })).toMatchObject({ failed: false, value: { doubled: 8 } });
    expect(await call(client, "double_it", { n: "four" })).toMatchObject({ failed: true });

    const old = new OldClient({ name: "old", version: "1" });
    const requestInit = { headers: { "X-API-Key": await keyFor(world.deps, actor) } };
    const transport = new OldTransport(new URL(`${endpoint.url}/mcp`), { requestInit });
    await old.connect(transport as Parameters<OldClient["connect"]>[0]); // its own class misses exactOptionalPropertyTypes
    open.push(old);
    expect(await old.callTool({ name: "double_it", arguments: { n: 5 } })).toMatchObject({
      structuredContent: { doubled: 10 },
    });

    await setFlowTool(world.deps, actor, { id, tool: null });
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
    expect(await namesOf(await connect(world, endpoint, actor))).not.toContain("double_it");
  });

  it("is another's to call only with the right to run theirs", async ({ world, endpoint }) => {
    const owner = await world.actor({ role: "editor" });
    const { workspaceId } = owner;
    await setFlowTool(world.deps, owner, { id: await doubling(world, owner), tool: DOUBLE });
    const namesFor = async (role: "viewer" | "editor" | "operator") =>
      namesOf(await connect(world, endpoint, await world.actor({ role, workspaceId })));
    expect(await namesOf(await connect(world, endpoint, owner))).toContain("double_it");
    expect(await namesFor("operator")).toContain("double_it");
    for (const role of ["viewer", "editor"] as const) expect(await namesFor(role)).not.toContain("double_it");
  });

  it("has a name of its own in the workspace, and a schema that can be used", async ({ world }) => {
    const { deps } = world;
    const owner = await world.actor();
    const [first, second] = [await doubling(world, owner), await doubling(world, owner)];
    const outcomes = await Promise.allSettled(
      [first, second].map((id) => setFlowTool(deps, owner, { id, tool: DOUBLE })),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const broken = {
      ...DOUBLE,
      name: "other",
      inputSchema: { type: "object" as const, properties: { n: { type: "nonsense" } } },
    };
    await expect(setFlowTool(deps, owner, { id: second, tool: broken })).rejects.toMatchObject({
      code: "flow.tool-schema",
    });
    const colleague = await world.actor({ workspaceId: owner.workspaceId });
    await expect(setFlowTool(deps, colleague, { id: first, tool: null })).rejects.toMatchObject({
      code: "flow.not-yours",
    });
    await expect(setFlowTool(deps, await world.actor(), { id: first, tool: null })).rejects.toMatchObject({
      kind: "missing",
    });
  });
});
