import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { startEverything, type Fixture } from "#tests/conformance/server/everything.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import type { GatewayChange, ToolGateway } from "../../gateway.ts";
import type { Surface } from "../surface/surface.ts";
import { followChanges } from "./changes.ts";
import { askModern, OLGA, startTestEndpoint, type Message, type TestEndpoint } from "../test-endpoint.ts";
import { CAPABILITIES_KEY, MODERN, VERSION_KEY } from "../wire/rpc.ts";

let modern: TestUpstream;
let legacy: TestUpstream;
let everything: Fixture;
let old: Fixture;
let endpoint: TestEndpoint;
beforeAll(async () => {
  modern = await startCountingUpstream();
  legacy = await startCountingUpstream({ era: "legacy" });
  everything = await startEverything("modern");
  old = await startEverything("legacy");
  endpoint = await startTestEndpoint([
    definition("new", modern.url),
    definition("old", legacy.url),
    definition("all", everything.url),
    definition("all-old", old.url),
    definition("theirs", modern.url, { workspaceId: "wsp_2" }),
  ]);
  await askModern(`${endpoint.url}/mcp`, "tools/list"); // all are connected
});
afterAll(async () => {
  await endpoint.stop();
  await Promise.all([modern.stop(), legacy.stop(), everything.stop(), old.stop()]);
});

/** Messages of a stream, as they come. */
async function follow(response: Response) {
  const messages: Message[] = [];
  let rest = "";
  const read = async () => {
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      rest += text;
      for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
        const data = /^data: (.*)$/m.exec(rest.slice(0, end))?.[1];
        rest = rest.slice(end + 2);
        if (data) messages.push(JSON.parse(data) as Message);
      }
    }
  };
  const over = read().catch(() => undefined);
  return { messages, methods: () => messages.map(({ method }) => method), over };
}

async function listen(notifications: object, { path = "/mcp", token = "olga" } = {}) {
  const gone = new AbortController();
  const response = await fetch(endpoint.url + path, {
    method: "POST",
    signal: gone.signal,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": MODERN,
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: "sub",
      method: "subscriptions/listen",
      params: { notifications, _meta: { [VERSION_KEY]: MODERN, [CAPABILITIES_KEY]: {} } },
    }),
  });
  return { ...(await follow(response)), leave: () => gone.abort() };
}

it("acknowledges what it will tell of, and tells of nothing else", async () => {
  const tools = await listen({ toolsListChanged: true, promptsListChanged: false });
  const prompts = await listen({ promptsListChanged: true });
  await expect
    .poll(() => tools.messages)
    .toMatchObject([
      {
        method: "notifications/subscriptions/acknowledged",
        params: {
          notifications: { toolsListChanged: true },
          _meta: { "io.modelcontextprotocol/subscriptionId": "sub" },
        },
      },
    ]);
  await expect.poll(() => prompts.messages.length).toBe(1);
  modern.addTool("later_one");
  await expect
    .poll(() => tools.messages[1])
    .toMatchObject({
      method: "notifications/tools/list_changed",
      params: { _meta: { "io.modelcontextprotocol/subscriptionId": "sub" } },
    });
  expect(prompts.messages).toHaveLength(1);
  const { result } = await askModern(`${endpoint.url}/mcp`, "tools/list");
  expect((result.tools as { name: string }[]).map(({ name }) => name)).toContain("new.later_one");
  tools.leave();
  prompts.leave();
});

it("tells of an upstream of 2025 too, and at one server of that alone", async () => {
  const whole = await listen({ toolsListChanged: true });
  const other = await listen({ toolsListChanged: true }, { path: "/mcp/servers/new" });
  await expect.poll(() => other.messages.length).toBe(1);
  legacy.addTool("later_two");
  await expect.poll(() => whole.methods()).toContain("notifications/tools/list_changed");
  expect(other.methods()).toEqual(["notifications/subscriptions/acknowledged"]);
  whole.leave();
  other.leave();
});

it("tells a workspace of its own tools alone", async () => {
  const ours = await listen({ toolsListChanged: true });
  const theirs = await listen({ toolsListChanged: true }, { token: "stranger" });
  await expect.poll(() => [ours.messages.length, theirs.messages.length]).toEqual([1, 1]);
  endpoint.own.changed("wsp_2");
  await expect.poll(() => theirs.methods()).toContain("notifications/tools/list_changed");
  expect(ours.messages).toHaveLength(1);
  ours.leave();
  theirs.leave();
});

it("acknowledges only resources that there are", async () => {
  const one = await listen({ resourceSubscriptions: ["osf:all:test://watched-resource", "none://x"] });
  await expect
    .poll(() => one.messages[0]?.params?.["notifications"])
    .toEqual({
      resourceSubscriptions: ["osf:all:test://watched-resource"],
    });
  one.leave();
  const none = await listen({});
  await none.over;
  expect(none.messages.at(-1)).toMatchObject({ id: "sub", result: { resultType: "complete" } });
});

it("has nothing watched by who may not read it", async () => {
  for (const [path, uri] of [
    ["/mcp", "osf:all:test://watched-resource"],
    ["/mcp/servers/all", "test://watched-resource"],
  ] as const) {
    const one = await listen({ resourceSubscriptions: [uri] }, { path, token: "bare" });
    await one.over;
    expect(one.messages[0]?.params?.["notifications"]).toEqual({});
  }
});

it("tells what an upstream logs by itself only to the one workspace, or person, that it can be about", () => {
  const told: string[] = [];
  let log: (change: Partial<GatewayChange>) => void = () => undefined;
  const gateway: Pick<ToolGateway, "onChange"> = {
    onChange: (heard) => {
      log = (change) => heard({ upstreamId: "u", upstream: "u", kind: "log", params: {}, ...change } as GatewayChange);
      return () => undefined;
    },
  };
  const surface = { concerns: () => true, hasOwnTools: false } as unknown as Surface; // all that is asked of it
  const ownTools = { for: async () => [], onChange: () => () => undefined };
  for (const actor of [OLGA, { ...OLGA, scopes: ["mcp.use" as const] }]) {
    followChanges({ gateway, ownTools }, surface, actor, ({ kind }) => told.push(kind));
    log({ workspaceId: null, userId: null });
    log({ workspaceId: "wsp_2", userId: null });
    log({ workspaceId: null, userId: "usr_2" });
    expect(told).toEqual(actor === OLGA ? [] : ["log", "log"]);
    log({ workspaceId: "wsp_1", userId: null });
    log({ workspaceId: null, userId: "usr_1" });
    expect(told).toEqual(["log", "log"]);
  }
});

it("tells of updates of watched resources, of either era", async () => {
  for (const server of ["all", "all-old"]) {
    const path = `/mcp/servers/${server}`;
    const one = await listen({ resourceSubscriptions: ["test://watched-resource"] }, { path });
    const other = await listen({ resourceSubscriptions: ["test://static-text"] }, { path });
    await expect.poll(() => [one.messages.length, other.messages.length]).toEqual([1, 1]);
    await askModern(endpoint.url + path, "tools/call", { name: "test_trigger_resource_update", arguments: {} });
    await expect
      .poll(() => one.messages[1])
      .toMatchObject({
        method: "notifications/resources/updated",
        params: { uri: "test://watched-resource", _meta: { "io.modelcontextprotocol/subscriptionId": "sub" } },
      });
    expect(other.messages).toHaveLength(1);
    one.leave();
    other.leave();
  }
});

it("refuses a subscription that says nothing", async () => {
  const url = `${endpoint.url}/mcp`;
  expect((await askModern(url, "subscriptions/listen")).error).toMatchObject({ code: -32602 });
  const many = { resourceSubscriptions: Array.from({ length: 201 }, (_, i) => `x://${i}`) };
  expect((await askModern(url, "subscriptions/listen", { notifications: many })).error).toMatchObject({ code: -32602 });
});

it("announces on the GET stream of a session, which a later one replaces", async () => {
  const headers = { accept: "application/json, text/event-stream", authorization: "Bearer olga" };
  const begun = await fetch(`${endpoint.url}/mcp`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
    }),
  });
  const session = begun.headers.get("mcp-session-id")!;
  const get = async () =>
    follow(
      await fetch(`${endpoint.url}/mcp`, {
        headers: { ...headers, accept: "text/event-stream", "mcp-session-id": session },
      }),
    );
  const first = await get();
  const second = await get();
  await first.over;
  modern.addTool("later_three");
  await expect.poll(() => second.methods()).toContain("notifications/tools/list_changed");
  expect(first.messages).toEqual([]);
  await fetch(`${endpoint.url}/mcp`, { method: "DELETE", headers: { ...headers, "mcp-session-id": session } });
  await second.over;
});

it("ends the stream of who would no longer be let in", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const one = await listen({ toolsListChanged: true }, { token: "usr_leaves" });
    const other = await listen({ toolsListChanged: true }, { token: "usr_stays" });
    await expect.poll(() => [one.messages.length, other.messages.length]).toEqual([1, 1]);
    endpoint.revoke("usr_leaves");
    await vi.advanceTimersByTimeAsync(15_000);
    await one.over;
    expect(one.messages.at(-1)).toMatchObject({ id: "sub", result: { resultType: "complete" } });
    modern.addTool("later_four");
    await expect.poll(() => other.methods()).toContain("notifications/tools/list_changed");
    other.leave();
  } finally {
    vi.useRealTimers();
  }
});
