import { describe, expect, it, vi } from "vitest";
import { startsOfTests } from "#tests/support/starts-of-tests.ts";
import { startCountingUpstream, type TestUpstream, type UpstreamOptions } from "#tests/support/mcp-upstream.ts";
import { definition, operator, startTestGateway, type TestGateway } from "#tests/support/tool-gateway.ts";
import { sha256 } from "../kernel/crypto.ts";
import type { ToolCall } from "./gateway.ts";

const kept = startsOfTests();

async function plant(options: UpstreamOptions = {}): Promise<TestGateway & { upstream: TestUpstream; call: Call }> {
  const upstream = kept(await startCountingUpstream(options));
  const gateway = kept(await startTestGateway([definition("wms", upstream.url)]));
  const call: Call = (name, args, more = {}) => gateway.tools.call({ actor: operator, name, args, ...more });
  return { ...gateway, upstream, call };
}
type Call = (
  name: string,
  args: Record<string, unknown>,
  more?: Partial<ToolCall>,
) => ReturnType<TestGateway["tools"]["call"]>;

describe.each(["modern", "legacy"] as const)("a tool of a %s upstream", (era) => {
  it("is listed by its server's name, in order, classed by its annotations", async () => {
    const { tools } = await plant({ era });
    const listed = await tools.list(operator);
    expect(listed.map(({ name, class: kind, repeatable }) => `${name} ${kind} ${repeatable}`)).toEqual([
      "wms.book write false",
      "wms.erase dangerous false",
      "wms.plain write false",
      "wms.read_stock read true",
      "wms.refuse read true",
      "wms.set_level write true",
      "wms.slow write false",
    ]);
    expect(listed[0]?.inputSchema).toMatchObject({ type: "object", required: ["material", "amount"] });
  });

  it("answers its structured content, and passes on idempotency key and correlation id", async () => {
    const { call, upstream } = await plant({ era });
    const outcome = await call("wms.read_stock", { material: "M-1" }, { idempotencyKey: "step-7", requestId: "req-9" });
    expect(outcome).toMatchObject({ failed: false, value: { material: "M-1", stock: 42 } });
    expect(upstream.calls()).toEqual([
      { name: "read_stock", args: { material: "M-1" }, idempotencyKey: "step-7", correlationId: "req-9" },
    ]);
  });

  it("answers plain text as it is", async () => {
    const { call } = await plant({ era });
    expect(await call("wms.plain", {})).toMatchObject({ failed: false, value: "plain text", text: "plain text" });
  });

  it("that says it failed is an answer, audited as failed", async () => {
    const { call, audited } = await plant({ era });
    expect(await call("wms.refuse", {})).toMatchObject({ failed: true, text: "The bin is locked" });
    expect(await audited()).toMatchObject([{ outcome: "failed", detail: { code: "tool.failed" } }]);
  });

  it("reports progress, which keeps a call alive beyond its timeout", async () => {
    const { call, upstream, tools } = await plant({ era });
    await tools.check("wms", null);
    const heard: unknown[] = [];
    const outcome = await call(
      "wms.slow",
      { ms: 1_800, steps: 6 },
      { timeoutMs: 1_200, onProgress: (progress) => heard.push(progress) },
    );
    expect(outcome.value).toEqual({ done: true });
    expect(heard[0]).toEqual({ progress: 1, total: 6, message: "step 1" });
    expect(heard).toHaveLength(5);
    expect(upstream.calls()).toHaveLength(1);
  });

  it("that takes too long is given up once, and told so", async () => {
    const { call, upstream, audited, tools } = await plant({ era });
    await tools.check("wms", null); // so that the timeout is that of the tool alone
    await expect(call("wms.slow", { ms: 60_000 }, { timeoutMs: 500 })).rejects.toMatchObject({
      kind: "upstream",
      code: "tool.timeout",
      message: expect.stringContaining("no answer within 0.5 s"),
      hints: { extra: { mayHaveRun: true } },
    });
    await vi.waitFor(() => expect(upstream.cancelled()).toEqual(["slow"]), 5_000);
    expect(upstream.calls()).toHaveLength(1);
    expect(await audited()).toMatchObject([{ outcome: "failed", detail: { code: "tool.timeout" } }]);
  });

  it("is cancelled at the upstream when its caller aborts, who gets the reason back", async () => {
    const { call, upstream, audited } = await plant({ era });
    const caller = new AbortController();
    const reason = new Error("the run was cancelled");
    const pending = call("wms.slow", { ms: 10_000 }, { signal: caller.signal });
    pending.catch(() => undefined); // looked at below
    await vi.waitFor(() => expect(upstream.calls()).toHaveLength(1), 5_000);
    caller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await vi.waitFor(() => expect(upstream.cancelled()).toEqual(["slow"]), 5_000);
    expect(await audited()).toMatchObject([{ outcome: "failed", detail: { code: "aborted" } }]);
  });

  it("is not called with arguments that do not fit its schema", async () => {
    const { call, upstream, audited } = await plant({ era });
    await expect(call("wms.book", { amount: 0, bins: ["A", 7] })).rejects.toMatchObject({
      kind: "invalid",
      code: "tool.arguments",
      hints: {
        fields: expect.arrayContaining([
          { path: "material", message: "is required" },
          { path: "amount", message: "must be >= 1" },
          { path: "bins[1]", message: "must be string" },
        ]),
      },
    });
    expect(upstream.calls()).toEqual([]);
    expect(await audited()).toMatchObject([{ outcome: "refused", detail: { code: "tool.arguments" } }]);
  });
});

it("leaves exactly one audit row a call: who, what, the hash of the arguments, never the arguments", async () => {
  const { call, audited, events, metrics } = await plant();
  await call("wms.book", { material: "M-secret", amount: 3 }, { runId: "run_1" });
  await expect(call("wms.nothing", {})).rejects.toMatchObject({ kind: "missing", code: "tool.missing" });
  const rows = await audited();
  expect(rows).toMatchObject([
    {
      workspaceId: "wsp_1",
      userId: "usr_1",
      actor: { name: "Olga", via: "session" },
      action: "tool.call",
      subject: "wms.book",
      runId: "run_1",
      outcome: "ok",
      durationMs: expect.any(Number),
      detail: { argsHash: sha256('{"amount":3,"material":"M-secret"}') },
    },
    { subject: "wms.nothing", runId: null, outcome: "refused", detail: { code: "tool.missing" } },
  ]);
  expect(JSON.stringify(rows)).not.toContain("M-secret");
  expect(events).toEqual([
    {
      topic: "workspace:wsp_1",
      event: { type: "tool.called", tool: "wms.book", outcome: "ok", durationMs: expect.any(Number), runId: "run_1" },
    },
    {
      topic: "workspace:wsp_1",
      event: { type: "tool.called", tool: "wms.nothing", outcome: "refused", durationMs: expect.any(Number) },
    },
  ]);
  const text = await metrics.metrics();
  expect(text).toContain('osf_tool_calls_total{server="wms",tool="wms.book",outcome="ok"} 1');
  expect(text).toContain('osf_tool_calls_total{server="unknown",tool="unknown",outcome="refused"} 1');
  expect(text).toContain('osf_tool_call_seconds_count{server="wms",tool="wms.book"} 1');
});

it("does not start a call whose caller has already gone", async () => {
  const { call, upstream, audited } = await plant();
  const reason = new Error("gone");
  await expect(call("wms.plain", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(upstream.calls()).toEqual([]);
  expect(await audited()).toHaveLength(1);
});

it("serves calls while another one of the same upstream is slow", async () => {
  const { call } = await plant({ era: "legacy" });
  const caller = new AbortController();
  const slow = call("wms.slow", { ms: 10_000 }, { signal: caller.signal }).catch(() => "aborted");
  expect(await call("wms.plain", {})).toMatchObject({ failed: false });
  caller.abort();
  expect(await slow).toBe("aborted");
});

it("says that the tool of another workspace's upstream does not exist", async () => {
  const upstream = kept(await startCountingUpstream());
  const gateway = kept(await startTestGateway([definition("mes", upstream.url, { workspaceId: "wsp_other" })]));
  const call = { actor: operator, name: "mes.plain", args: {} };
  await expect(gateway.tools.call(call)).rejects.toMatchObject({ kind: "missing", code: "tool.missing" });
  expect(await gateway.tools.list(operator)).toEqual([]);
  expect(await gateway.tools.upstreams("wsp_1")).toEqual([]);
  await expect(gateway.tools.check("mes", "wsp_1")).rejects.toMatchObject({ kind: "missing" });
  expect(await gateway.tools.list({ ...operator, workspaceId: "wsp_other" })).toHaveLength(7);
});
