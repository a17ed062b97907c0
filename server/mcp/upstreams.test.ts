import { describe, expect, it, vi } from "vitest";
import { startsOfTests } from "#tests/support/starts-of-tests.ts";
import {
  startCountingUpstream,
  startMisbehavingUpstream,
  type Misbehaviour,
  type TestUpstream,
} from "#tests/support/mcp-upstream.ts";
import { definition, operator, startTestGateway, type TestGateway } from "#tests/support/tool-gateway.ts";
import { DISCOVERED, sendJson, startRawServer } from "./upstream/test-raw-server.ts";

const kept = startsOfTests();
const gatewayTo = async (...args: Parameters<typeof startTestGateway>): Promise<TestGateway> =>
  kept(await startTestGateway(...args));
const namesOf = async ({ tools }: TestGateway) => (await tools.list(operator)).map(({ name }) => name);

/** A port where nothing listens. */
async function deadUrl(): Promise<string> {
  const upstream = await startCountingUpstream();
  await upstream.stop();
  return upstream.url;
}

describe("one dead upstream of ten", () => {
  it("hides only its own tools, without making the others wait", async () => {
    const alive = await Promise.all(
      Array.from({ length: 9 }, (_, i) => startCountingUpstream({ era: i % 2 ? "legacy" : "modern" })),
    );
    alive.forEach(kept);
    const silent = kept(await startMisbehavingUpstream("hang"));
    const gateway = await gatewayTo(
      [...alive.map(({ url }, i) => definition(`s${i}`, url)), definition("silent", silent.url)],
      { pace: { listMs: 1_000, connectMs: 60_000 } },
    );
    await Promise.all(alive.map((_, i) => gateway.tools.check(`s${i}`, null)));
    const began = performance.now();
    const names = await namesOf(gateway);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(names).toHaveLength(9 * 7);
    expect(names).toEqual([...names].sort());
    expect(names.filter((name) => name.startsWith("silent."))).toEqual([]);
  });

  it("fails its calls at once once it is known, and says why in words", async () => {
    const url = await deadUrl();
    const gateway = await gatewayTo([definition("wms", url)]);
    const call = () => gateway.tools.call({ actor: operator, name: "wms.plain", args: {} });
    const expected = {
      kind: "upstream",
      code: "tool.unreachable",
      message: `The WMS does not answer at ${url}: connection refused`,
      hints: { extra: { mayHaveRun: false } },
    };
    await expect(call()).rejects.toMatchObject(expected);
    const began = performance.now();
    for (let i = 0; i < 50; i++) await expect(call()).rejects.toMatchObject(expected);
    expect((performance.now() - began) / 50).toBeLessThan(50);
    expect(await gateway.tools.upstreams("wsp_1")).toMatchObject([
      { name: "wms", state: "down", problem: expected.message, tools: 0, checkedAt: expect.any(Date) },
    ]);
    expect(await gateway.audited()).toHaveLength(51);
  });
});

describe.each(["modern", "legacy"] as const)("a %s upstream that restarts", (era) => {
  const restart = async (upstream: TestUpstream) => {
    await upstream.stop();
    return kept(await startCountingUpstream({ era, port: upstream.port }));
  };

  it("is used again by the first call after it, though nothing was told about it", async () => {
    const first = await startCountingUpstream({ era });
    const gateway = await gatewayTo([definition("wms", first.url)]);
    const call = () => gateway.tools.call({ actor: operator, name: "wms.read_stock", args: { material: "M" } });
    await call();
    const second = await restart(first);
    expect(await call()).toMatchObject({ failed: false });
    expect(second.calls()).toHaveLength(1);
    expect(await gateway.audited()).toHaveLength(2);
  });

  it("is down while it is away and comes back without anybody asking for it", async () => {
    const first = await startCountingUpstream({ era });
    const gateway = await gatewayTo([definition("wms", first.url)], { pace: { refreshMs: 50 } });
    expect(await namesOf(gateway)).toHaveLength(7);
    await first.stop();
    const stateNow = async () => (await gateway.tools.upstreams("wsp_1"))[0]!;
    await vi.waitFor(async () => expect(await stateNow()).toMatchObject({ state: "down" }), 5_000);
    expect(await namesOf(gateway)).toEqual([]);
    kept(await startCountingUpstream({ era, port: first.port }));
    await vi.waitFor(async () => expect(await stateNow()).toMatchObject({ state: "ok", tools: 7 }), 5_000);
  });

  it("shows tools that it gains while it runs", async () => {
    const upstream = kept(await startCountingUpstream({ era }));
    const gateway = await gatewayTo([definition("wms", upstream.url)]);
    expect(await namesOf(gateway)).not.toContain("wms.new.tool");
    // The change stream of a 2025 server opens a moment after the connection.
    await vi.waitFor(async () => {
      upstream.addTool("new.tool");
      await vi.waitFor(async () => expect(await namesOf(gateway)).toContain("wms.new.tool"), 1_000);
    }, 10_000);
    expect(await gateway.tools.call({ actor: operator, name: "wms.new.tool", args: {} })).toMatchObject({
      value: "new.tool",
    });
  });
});

describe("a tool that is not repeatable", () => {
  it("is called once more where the upstream has only forgotten the session, since it did not run", async () => {
    const upstream = kept(await startCountingUpstream({ era: "legacy" }));
    const gateway = await gatewayTo([definition("wms", upstream.url)]);
    const call = () => gateway.tools.call({ actor: operator, name: "wms.book", args: { material: "M", amount: 1 } });
    await call();
    upstream.forgetSessions();
    expect(await call()).toMatchObject({ failed: false });
    expect(upstream.calls()).toHaveLength(2);
  });

  it("is not called again when the connection breaks in the middle of the call", async () => {
    const first = await startCountingUpstream();
    const gateway = await gatewayTo([definition("wms", first.url)]);
    const call = gateway.tools.call({ actor: operator, name: "wms.slow", args: { ms: 10_000 } });
    call.catch(() => undefined); // looked at below
    await vi.waitFor(() => expect(first.calls()).toHaveLength(1), 5_000);
    await first.stop();
    const second = kept(await startCountingUpstream({ port: first.port }));
    await expect(call).rejects.toMatchObject({ code: "tool.unreachable", hints: { extra: { mayHaveRun: true } } });
    await vi.waitFor(async () => expect(await gateway.tools.check("wms", null)).toMatchObject({ state: "ok" }), 5_000);
    expect(second.calls()).toEqual([]);
    expect(await gateway.audited()).toMatchObject([{ outcome: "failed", detail: { code: "tool.unreachable" } }]);
  });
});

describe.each<[Misbehaviour, string]>([
  ["hang", "no answer within 0.3 s"],
  ["500", "it answered HTTP 500"],
  ["garbage", "it answered something that is not MCP"],
  ["close", "the connection was closed in the middle of the answer"],
  ["redirect", "it redirects to another address, which is not followed"],
])("an upstream that answers with: %s", (how, words) => {
  it("is down, with the reason in words, and tried again until it behaves", async () => {
    const good = kept(await startCountingUpstream());
    const bad = kept(await startMisbehavingUpstream(how, { redirectTo: good.url }));
    const gateway = await gatewayTo([definition("mes", bad.url)], {
      pace: { connectMs: how === "hang" ? 300 : 5_000 },
    });
    const state = await gateway.tools.check("mes", null);
    expect(state).toMatchObject({ state: "down", problem: expect.stringContaining(words) });
    expect(state.problem).not.toContain("/srv");
    const before = bad.requests();
    await vi.waitFor(() => expect(bad.requests()).toBeGreaterThan(before), 8_000);
    await expect(gateway.tools.call({ actor: operator, name: "mes.plain", args: {} })).rejects.toMatchObject({
      kind: "upstream",
    });
    expect(good.calls()).toEqual([]);
  });
});

describe("registered upstreams", () => {
  it("come, change and go while the gateway runs", async () => {
    const a = kept(await startCountingUpstream());
    const b = kept(await startCountingUpstream({ era: "legacy" }));
    const gateway = await gatewayTo([]);
    expect(await namesOf(gateway)).toEqual([]);
    gateway.register([definition("wms", a.url)]);
    await vi.waitFor(async () => expect(await namesOf(gateway)).toHaveLength(7), 5_000);
    gateway.register([definition("wms", b.url)]);
    await vi.waitFor(
      async () =>
        expect(await gateway.tools.check("wms", null)).toMatchObject({
          protocol: "2025-11-25",
          serverVersion: "1.0.0",
        }),
      5_000,
    );
    gateway.register([definition("wms", b.url, { enabled: false })]);
    await vi.waitFor(async () => expect(await namesOf(gateway)).toEqual([]), 5_000);
    expect(await gateway.tools.upstreams(null)).toMatchObject([{ name: "wms", state: "disabled" }]);
    await expect(gateway.tools.call({ actor: operator, name: "wms.plain", args: {} })).rejects.toMatchObject({
      kind: "missing",
    });
    gateway.register([]);
    await vi.waitFor(async () => expect(await gateway.tools.upstreams(null)).toEqual([]), 5_000);
  });

  it("show their address without credentials and query", async () => {
    const gateway = await gatewayTo([definition("cloud", "http://user:pass@127.0.0.1:9/mcp?key=secret")]);
    const state = await gateway.tools.check("cloud", null);
    expect(state.url).toBe("http://127.0.0.1:9/mcp");
    expect(JSON.stringify(state)).not.toMatch(/pass|secret/);
  });

  it("tell their state: revision, version, number of tools and latency", async () => {
    const upstream = kept(await startCountingUpstream());
    const gateway = await gatewayTo([definition("wms", upstream.url)]);
    expect(await gateway.tools.check("wms", "wsp_1")).toMatchObject({
      state: "ok",
      protocol: "2026-07-28",
      serverVersion: "2.0.0",
      tools: 7,
      latencyMs: expect.any(Number),
      checkedAt: expect.any(Date),
    });
  });
});

describe("calls that are under way", () => {
  it("are not broken off by another one whose connection breaks", async () => {
    const finish = Promise.withResolvers<void>();
    const server = kept(
      await startRawServer(({ message: { id, method, params } }, response) => {
        if (method === "server/discover") return DISCOVERED;
        if (method === "tools/list") return { tools: ["slow", "cut"].map((name) => ({ name, inputSchema: {} })) };
        if (params?.["name"] === "cut") return void response.destroy();
        return void finish.promise.then(() => sendJson(response, { jsonrpc: "2.0", id, result: { content: [] } }));
      }),
    );
    const gateway = await gatewayTo([definition("wms", server.url.href)]);
    const call = (name: string) => gateway.tools.call({ actor: operator, name, args: {} });
    const slow = call("wms.slow");
    await vi.waitFor(() => expect(server.of("tools/call")).toHaveLength(1), 5_000);
    await expect(call("wms.cut")).rejects.toMatchObject({ code: "tool.unreachable" });
    expect(await gateway.tools.check("wms", null)).toMatchObject({ state: "ok" });
    finish.resolve();
    expect(await slow).toMatchObject({ failed: false });
  });

  it("are answered though the upstream is changed meanwhile, and broken off when it is removed", async () => {
    const upstream = kept(await startCountingUpstream());
    const gateway = await gatewayTo([definition("wms", upstream.url)]);
    const slow = () => gateway.tools.call({ actor: operator, name: "wms.slow", args: { ms: 600 } });
    const first = slow();
    await vi.waitFor(() => expect(upstream.calls()).toHaveLength(1), 5_000);
    gateway.register([definition("wms", upstream.url, { title: "Another title" })]);
    expect(await first).toMatchObject({ failed: false });
    const second = slow();
    second.catch(() => undefined); // looked at below
    await vi.waitFor(() => expect(upstream.calls()).toHaveLength(2), 5_000);
    gateway.register([]);
    await expect(second).rejects.toMatchObject({ code: "tool.unreachable", hints: { extra: { mayHaveRun: true } } });
  });
});
