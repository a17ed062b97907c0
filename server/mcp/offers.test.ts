import { describe, expect, it, vi } from "vitest";
import { startsOfTests } from "#tests/support/starts-of-tests.ts";
import { startCountingUpstream, type UpstreamOptions } from "#tests/support/mcp-upstream.ts";
import { definition, operator, startTestGateway } from "#tests/support/tool-gateway.ts";
import type { CredentialSource } from "./credentials/source.ts";
import type { Json } from "./exchange.ts";
import type { GatewayChange } from "./gateway.ts";
import type { ToolReview, Verdict } from "./review.ts";
import { classOf } from "./tool-set.ts";
import { DISCOVERED, introduced, sendEvents, startRawServer } from "./upstream/test-raw-server.ts";

const kept = startsOfTests();
const counting = async (options?: UpstreamOptions) => kept(await startCountingUpstream(options));
const gatewayTo = async (...args: Parameters<typeof startTestGateway>) => kept(await startTestGateway(...args));
const raw = async (answer: Parameters<typeof startRawServer>[0]) => kept(await startRawServer(answer));

const viewer = { ...operator, role: "viewer" as const };
const stranger = { ...operator, userId: "usr_2", workspaceId: "wsp_2" };
const read = { method: "tools/call", params: { name: "read_stock", arguments: { material: "M" } } };
const asked = (actor = operator) => ({
  ...read,
  caller: { actor, through: { kind: "program" as const } },
  capabilities: {},
  timeoutMs: 5_000,
});

describe("what an upstream's policy and the review of its tools allow", () => {
  const reviewed = (more: (name: string) => Partial<Verdict> | null): ToolReview & { change(): void } => {
    let changed: (id: string) => void = () => undefined;
    return {
      judge: async (_, listed) =>
        listed.flatMap((definition) => {
          const own = more(definition.name);
          const kind = classOf(definition["annotations"]);
          return own ? [{ definition, class: kind, consent: false, roles: [], ...own }] : [];
        }),
      onChange: (heard) => ((changed = heard), () => undefined),
      change: () => changed("wms"),
    };
  };

  it("is all that a role sees and can call; the rest does not exist for it", async () => {
    const upstream = await counting();
    const review = reviewed((name) => (name === "book" ? { roles: ["operator"] } : {}));
    const others = definition("mes", upstream.url, { policy: { privateNetwork: true, roles: ["admin"] } });
    const { tools } = await gatewayTo([definition("wms", upstream.url), others], { review });
    const names = async (who: typeof operator | typeof viewer) => (await tools.list(who)).map(({ name }) => name);
    expect(await names(operator)).toContain("wms.book");
    expect(await names(viewer)).not.toContain("wms.book");
    expect((await names(operator)).filter((name) => name.startsWith("mes."))).toEqual([]);
    const args = { material: "M", amount: 1 };
    await expect(tools.call({ actor: viewer, name: "wms.book", args })).rejects.toMatchObject({ code: "tool.missing" });
    await expect(tools.offer(operator, "mes")).rejects.toMatchObject({ code: "upstream.missing" });
    await expect(tools.exchange("mes", asked())).rejects.toMatchObject({ code: "upstream.missing" });
    expect(upstream.calls()).toEqual([]);
  });

  it("changes with the review, and is announced", async () => {
    const upstream = await counting();
    let quarantined = false;
    const review = reviewed((name) => (name === "book" && quarantined ? null : { consent: name === "erase" }));
    const { tools } = await gatewayTo([definition("wms", upstream.url)], { review });
    const before = await tools.offer(operator, "wms");
    expect(before.tools.filter(({ consent }) => consent).map(({ listed }) => listed.name)).toEqual(["erase"]);
    const heard: GatewayChange[] = [];
    tools.onChange((change) => heard.push(change));
    quarantined = true;
    review.change();
    await vi.waitFor(() => expect(heard).toMatchObject([{ upstream: "wms", kind: "tools" }]));
    const call = { actor: operator, name: "wms.book", args: { material: "M", amount: 1 } };
    await expect(tools.call(call)).rejects.toMatchObject({ code: "tool.missing" });
    expect(upstream.calls()).toEqual([]);
  });

  it("is nothing while the review cannot answer", async () => {
    const upstream = await counting();
    const review: ToolReview = {
      judge: () => Promise.reject(new Error("the database is away")),
      onChange: () => () => undefined,
    };
    const { tools } = await gatewayTo([definition("wms", upstream.url)], { review });
    expect(await tools.list(operator)).toEqual([]);
    await expect(tools.exchange("wms", asked())).rejects.toMatchObject({ kind: "upstream" });
    expect(upstream.calls()).toEqual([]);
  });
});

describe("two upstreams of one name", () => {
  it("of different workspaces are each their own", async () => {
    const [a, b] = [await counting(), await counting({ era: "legacy" })];
    const own = (id: string, url: string, workspaceId: string) => definition("wms", url, { id, workspaceId });
    const { tools } = await gatewayTo([own("u1", a.url, "wsp_1"), own("u2", b.url, "wsp_2")]);
    await tools.exchange("wms", asked());
    await tools.exchange("wms", asked(stranger));
    await tools.exchange("wms", asked(stranger));
    expect([a.calls().length, b.calls().length]).toEqual([1, 2]);
    expect((await tools.upstreams("wsp_1")).map(({ id }) => id)).toEqual(["u1"]);
    expect((await tools.upstreams(null)).map(({ id }) => id)).toEqual(["u1", "u2"]);
  });

  it("are never both there: one for everybody is not hidden by a workspace's own", async () => {
    const [all, own] = [await counting(), await counting()];
    const { tools } = await gatewayTo([
      definition("wms", own.url, { id: "u1", workspaceId: "wsp_1" }),
      definition("wms", all.url, { id: "u2" }),
    ]);
    await tools.exchange("wms", asked());
    expect([all.calls().length, own.calls().length]).toEqual([1, 0]);
    expect(await tools.offers(operator)).toHaveLength(1);
  });
});

describe("an upstream that each person consents to", () => {
  /** A server that knows tokens, and offers each what is theirs. */
  const personal = () =>
    raw(({ message, headers }, response) => {
      const token = headers.authorization;
      if (!token) return void response.writeHead(401, { "www-authenticate": "Bearer" }).end();
      if (message.method === "server/discover") return DISCOVERED;
      const name = `of_${token.split(" ")[1]}`;
      if (message.method === "tools/list") return { tools: [{ name, inputSchema: { type: "object" } }] };
      return { content: [] };
    });
  const tokens = (given: Record<string, string>): CredentialSource => ({
    headersFor: async (_, who) => ({
      ...(who && given[who.userId] && { Authorization: `Bearer ${given[who.userId]}` }),
    }),
    refused: async () => false,
  });

  it("has a connection for each of them, with their own lists; who has not consented has none", async () => {
    const server = await personal();
    const given: Record<string, string> = { usr_1: "olga" };
    const registered = definition("crm", server.url.href, { auth: { kind: "oauth-user" } });
    const { tools } = await gatewayTo([registered], { credentials: tokens(given) });
    const other = { ...operator, userId: "usr_2" };
    expect((await tools.list(operator)).map(({ name }) => name)).toEqual(["crm.of_olga"]);
    expect(await tools.list(other)).toEqual([]);
    await expect(tools.offer(other, "crm")).rejects.toMatchObject({ code: "upstream.auth" });
    const call = { actor: other, name: "crm.of_olga", args: {} };
    await expect(tools.call(call)).rejects.toMatchObject({ code: "upstream.auth" });
    given["usr_2"] = "ben";
    expect((await tools.list(other)).map(({ name }) => name)).toEqual(["crm.of_ben"]);
    expect((await tools.list(operator)).map(({ name }) => name)).toEqual(["crm.of_olga"]);
    await expect(tools.call(call)).rejects.toMatchObject({ code: "tool.missing" });
  });
});

it("lists again with better credentials where the first were refused", async () => {
  const server = await raw(({ message, headers }, response) => {
    if (headers.authorization !== "Bearer new") return void response.writeHead(401).end();
    return message.method === "server/discover" ? DISCOVERED : { tools: [] };
  });
  let token = "old";
  const refused: unknown[] = [];
  const credentials: CredentialSource = {
    headersFor: async () => ({ Authorization: `Bearer ${token}` }),
    async refused(_, __, challenge, sent) {
      refused.push([challenge.status, sent]);
      token = "new";
      return true;
    },
  };
  const { tools } = await gatewayTo([definition("crm", server.url.href)], { credentials });
  expect(await tools.check("crm", null)).toMatchObject({ state: "ok" });
  expect(refused).toEqual([[401, { Authorization: "Bearer old" }]]);
});

it("offers tools though resources and prompts cannot be listed, and all pages of what can", async () => {
  const server = await raw(({ message: { id, method, params } }, response) => {
    if (method === "server/discover") return { ...DISCOVERED, capabilities: { tools: {}, resources: {}, prompts: {} } };
    if (method === "prompts/list")
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32_603, message: "broken" } }));
    if (method === "resources/list") return { resources: "none of your business" };
    if (method === "resources/templates/list") return { resourceTemplates: [{ uriTemplate: "a://{b}", name: "a" }] };
    const page = Number(params?.["cursor"] ?? 0);
    const tools = [{ name: `t${page}`, inputSchema: { type: "object" } }, { no: "tool" }];
    return { tools, ...(page < 4 && { nextCursor: String(page + 1) }) };
  });
  const { tools } = await gatewayTo([definition("erp", server.url.href)]);
  expect(await tools.offer(operator, "erp")).toMatchObject({
    tools: [0, 1, 2, 3, 4].map((page) => ({ name: `erp.t${page}` })),
    resources: [],
    templates: [{ uriTemplate: "a://{b}" }],
    prompts: [],
  });
});

it("does not list for ever what has no last page", async () => {
  let pages = 0;
  const server = await raw(({ message: { method } }) => {
    if (method === "server/discover") return DISCOVERED;
    return { tools: [{ name: `t${++pages}`, inputSchema: { type: "object" } }], nextCursor: String(pages) };
  });
  const { tools } = await gatewayTo([definition("erp", server.url.href)]);
  expect((await tools.offer(operator, "erp")).tools.length).toBeLessThanOrEqual(100);
});

it("asks for a list as soon as its server says that it no longer holds", async () => {
  let version = 0;
  const server = await raw(({ message: { method } }) => {
    if (method === "server/discover") return DISCOVERED;
    return { tools: [{ name: `v${++version}`, inputSchema: { type: "object" } }], ttlMs: 1_000 };
  });
  const { tools } = await gatewayTo([definition("erp", server.url.href)]);
  const heard: GatewayChange[] = [];
  await tools.offer(operator, "erp");
  tools.onChange((change) => heard.push(change));
  await vi.waitFor(() => expect(heard).toMatchObject([{ kind: "tools" }]), 4_000);
  expect((await tools.offer(operator, "erp")).tools).toMatchObject([{ name: "erp.v2" }]);
});

describe.each(["modern", "legacy"] as const)("a watched resource of a %s upstream", (era) => {
  it("is watched once for all who want it, until nobody does, and its changes are told", async () => {
    const capabilities: Json = { resources: { subscribe: true } };
    let announce: ((message: unknown) => void) | undefined;
    const wanted = new Set<unknown>();
    const server = await raw(({ message, method }, response) => {
      if (message.method === "server/discover")
        return era === "modern" ? { ...DISCOVERED, capabilities } : void response.writeHead(404).end();
      if (message.method === "initialize") return introduced(undefined, capabilities);
      if (method === "GET") return void (announce = sendEvents(response));
      if (message.method === "subscriptions/listen") {
        const filter = message.params?.["notifications"] as { resourceSubscriptions?: string[] };
        wanted.clear();
        filter.resourceSubscriptions?.forEach((uri) => wanted.add(uri));
        announce = sendEvents(response);
        response.once("close", () => wanted.clear());
        return announce({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: {} });
      }
      if (message.method === "resources/subscribe") wanted.add(message.params?.["uri"]);
      if (message.method === "resources/unsubscribe") wanted.delete(message.params?.["uri"]);
      return message.id === undefined ? undefined : { resources: [], resourceTemplates: [] };
    });
    const { tools } = await gatewayTo([definition("mes", server.url.href)]);
    const heard: GatewayChange[] = [];
    tools.onChange((change) => heard.push(change));
    const ends = [await tools.watch(operator, "mes", "plant://oee"), await tools.watch(operator, "mes", "plant://oee")];
    expect([...wanted]).toEqual(["plant://oee"]);
    await vi.waitFor(() => expect(announce).toBeDefined());
    announce!({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "plant://oee" } });
    await vi.waitFor(() =>
      expect(heard).toContainEqual(expect.objectContaining({ kind: "resource", uri: "plant://oee" })),
    );
    ends[0]!();
    ends[0]!();
    expect([...wanted]).toEqual(["plant://oee"]);
    ends[1]!();
    await vi.waitFor(() => expect([...wanted]).toEqual([]), 5_000);
    await expect(tools.watch({ ...stranger }, "nothing", "plant://oee")).rejects.toMatchObject({ kind: "missing" });
  });
});

it("tells what was registered, changed and removed", async () => {
  const upstream = await counting();
  const gateway = await gatewayTo([]);
  await gateway.tools.offers(operator);
  const heard: GatewayChange[] = [];
  gateway.tools.onChange((change) => heard.push(change));
  gateway.register([definition("wms", upstream.url, { workspaceId: "wsp_1" })]);
  const told = { upstreamId: "wms", upstream: "wms", workspaceId: "wsp_1", userId: null, kind: "upstream" };
  await vi.waitFor(() => expect(heard).toEqual([told]));
  gateway.register([]);
  await vi.waitFor(() => expect(heard).toEqual([told, told]));
});
