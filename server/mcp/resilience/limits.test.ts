import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { definition, operator, silent } from "#tests/support/tool-gateway.ts";
import { AppError } from "../../kernel/errors.ts";
import { authRefused } from "../credentials/source.ts";
import type { UpstreamPolicy } from "../definition.ts";
import { RpcError, type Exchange, type ExchangeResult, type Target } from "../exchange.ts";
import { createLimits, type Limits } from "./limits.ts";
import { delayBefore } from "./retry.ts";

let limits: Limits;
const registry = new Registry();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  registry.clear();
  limits = createLimits({ log: silent, metrics: registry });
});
afterEach(() => void vi.useRealTimers());

const upstream = (policy: UpstreamPolicy = {}) => definition("erp", "http://erp.test/mcp", { policy });
const exchange = (more: Partial<Exchange> = {}): Exchange => ({
  caller: { actor: operator, through: { kind: "page" } },
  method: "tools/call",
  params: {},
  capabilities: {},
  timeoutMs: 1_000,
  ...more,
});
const target = (policy: UpstreamPolicy, repeatable = false): Target => ({
  definition: upstream(policy),
  tool: { name: "t", title: "T", class: "write", repeatable, consent: false, roles: [] },
  headers: {},
});
const failing = (code: string, extra: Record<string, unknown> = {}, detail: Record<string, unknown> = {}) =>
  new AppError("upstream", code, "no", { extra, detail });
const NO_WAIT = { backoff: "linear", initialDelayMs: 0, maxDelayMs: 0, maxAttempts: 3 } as const;

/** Calls, and says how often the upstream was asked. */
async function call(
  answers: (unknown | ExchangeResult)[],
  { policy = { retry: NO_WAIT }, repeatable = false, method = "tools/call" } = {} as {
    policy?: UpstreamPolicy;
    repeatable?: boolean;
    method?: string;
  },
) {
  let asked = 0;
  const outcome = limits
    .stage(exchange({ method }), target(policy, repeatable), async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer as ExchangeResult;
    })
    .then(
      (result) => ({ result, error: undefined, asked }),
      (error: unknown) => ({ result: undefined, error, asked }),
    );
  for (let i = 0; i < 8; i++) await vi.advanceTimersByTimeAsync(1); // timers of node:timers are real: let them pass
  return outcome;
}
const OK = { content: [] };

describe("repetition", () => {
  it("never happens for a call that may have left and is not repeatable", async () => {
    const lost = failing("tool.unreachable", { mayHaveRun: true });
    expect(await call([lost, OK])).toMatchObject({ asked: 1, error: lost });
  });

  it("happens where the call provably never left, where the tool says it may, and for what only reads", async () => {
    expect(await call([failing("tool.unreachable", { mayHaveRun: false }), OK])).toMatchObject({
      asked: 2,
      result: OK,
    });
    const lost = failing("tool.unreachable", { mayHaveRun: true });
    expect(await call([lost, lost, OK], { repeatable: true })).toMatchObject({ asked: 3, result: OK });
    expect(await call([lost, OK], { method: "resources/read" })).toMatchObject({ asked: 2, result: OK });
  });

  it("ends at the number of tries, and never follows a time-out or the caller's own mistake", async () => {
    const lost = failing("tool.unreachable", { mayHaveRun: false });
    expect(await call([lost])).toMatchObject({ asked: 3, error: lost });
    expect(await call([failing("tool.timeout", { mayHaveRun: false })], { repeatable: true })).toMatchObject({
      asked: 1,
    });
    expect(await call([new RpcError(-32602, "no such thing")], { repeatable: true })).toMatchObject({ asked: 1 });
    expect(await call([failing("tool.protocol", {}, { status: 401 })], { repeatable: true })).toMatchObject({
      asked: 1,
    });
  });

  it("waits ever longer, with full jitter, as long as the policy or the upstream says", () => {
    const retry = { backoff: "exponential", initialDelayMs: 100, maxDelayMs: 1_000, maxAttempts: 9 } as const;
    const error = failing("tool.unreachable");
    const longest = () => 0.999_999;
    expect([1, 2, 3, 4, 5].map((n) => delayBefore(n, retry, error, longest))).toEqual([99, 199, 399, 799, 999]);
    expect([1, 2, 3].map((n) => delayBefore(n, { ...retry, backoff: "linear" }, error, longest))).toEqual([
      99, 199, 299,
    ]);
    expect(delayBefore(3, retry, error, () => 0)).toBe(0);
    const asks = (seconds: number) => new AppError("upstream", "tool.protocol", "later", { retryAfter: seconds });
    expect(delayBefore(1, retry, asks(1), longest)).toBe(1_000);
    expect(delayBefore(1, retry, asks(60), longest)).toBeNull();
  });
});

describe("the breaker of an upstream", () => {
  const policy: UpstreamPolicy = {
    retry: { ...NO_WAIT, maxAttempts: 1 },
    breaker: { failureThreshold: 2, recoveryMs: 5_000, halfOpenMaxCalls: 1 },
  };
  const broken = { kind: "unavailable", code: "upstream.broken" };

  it("opens at 5xx, time-outs and connections that fail, and says when the upstream is asked again", async () => {
    await call([failing("tool.protocol", {}, { status: 503 })], { policy });
    await call([failing("tool.timeout")], { policy });
    const { error, asked } = await call([OK], { policy });
    expect(asked).toBe(0);
    expect(error).toMatchObject({ ...broken, hints: { retryAfter: 5 } });
  });

  it("minds neither what the caller did wrong nor what the upstream refuses", async () => {
    for (let i = 0; i < 5; i++) await call([new RpcError(-32602, "wrong")], { policy });
    for (let i = 0; i < 5; i++) await call([failing("tool.protocol", {}, { status: 404 })], { policy });
    expect(await call([OK], { policy })).toMatchObject({ asked: 1, result: OK });
  });

  it("takes it for no answer when the upstream was not asked at all", async () => {
    const noConsent = failing("upstream.auth", { mayHaveRun: false, connect: "/connections/erp/start" });
    const away = new AppError("unavailable", "vault.away", "no");
    await call([failing("tool.timeout")], { policy });
    for (const error of [noConsent, away]) await call([error], { policy });
    await call([failing("tool.timeout")], { policy });
    expect(await call([OK], { policy })).toMatchObject({ asked: 0, error: broken });
    await vi.advanceTimersByTimeAsync(5_000);
    for (const error of [noConsent, away]) expect(await call([error], { policy })).toMatchObject({ asked: 1 });
    expect(limits.states().get("erp")?.breaker).toMatchObject({ phase: "half-open", halfOpenLeft: 1 });
    const refused = authRefused({ title: "ERP" }, { status: 401, wwwAuthenticate: null });
    await call([refused], { policy });
    expect(limits.states().get("erp")?.breaker.phase).toBe("closed");
  });

  it("of one upstream does not close another", async () => {
    for (let i = 0; i < 2; i++) await call([failing("tool.timeout")], { policy });
    const other = { ...target(policy), definition: definition("wms", "http://wms.test/mcp", { policy }) };
    await expect(limits.stage(exchange(), other, async () => OK)).resolves.toEqual(OK);
  });

  it("is seen in the states and by Prometheus", async () => {
    for (let i = 0; i < 2; i++) await call([failing("tool.timeout")], { policy });
    await call([OK], { policy });
    expect(limits.states().get("erp")).toMatchObject({
      breaker: { phase: "open", failures: 2 },
      counts: { calls: 3, failed: 2, broken: 1, ok: 0 },
    });
    const text = await registry.metrics();
    expect(text).toContain('osf_upstream_breaker{server="erp",phase="open"} 1');
    expect(text).toContain('osf_upstream_calls_total{server="erp",result="failed"} 2');
  });
});

it("forgets upstreams that nobody asks any more, and none that is open or in use", async () => {
  const ask = (id: string, next: () => Promise<ExchangeResult> = async () => OK) =>
    limits.stage(exchange(), { ...target({}), definition: { ...upstream({}), id } }, next);
  const held = Promise.withResolvers<ExchangeResult>();
  const holding = ask("held", () => held.promise);
  await ask("first");
  for (let n = 0; n < 3_000; n++) {
    await ask(`removed-${n}`);
    if (n % 100 === 0) await ask("first");
    vi.advanceTimersByTime(1);
  }
  const known = limits.states();
  expect(known.size).toBeLessThanOrEqual(1_000);
  expect(known.get("held")?.inFlight).toBe(1);
  expect(known.get("first")?.counts.calls).toBe(31);
  held.resolve(OK);
  await holding;
});

describe("the bounds of an upstream", () => {
  it("answer 429 with the time, when nobody may wait any more", async () => {
    const policy: UpstreamPolicy = { rate: { requestsPerMinute: 6, burst: 1, queue: 0, queueMs: 1 } };
    expect(await call([OK], { policy })).toMatchObject({ asked: 1 });
    expect(await call([OK], { policy })).toMatchObject({
      asked: 0,
      error: { kind: "limited", code: "upstream.busy", hints: { retryAfter: 10 } },
    });
  });

  it("are taken anew where the policy changes; what was counted stays", async () => {
    const tight: UpstreamPolicy = { rate: { requestsPerMinute: 6, burst: 1, queue: 0, queueMs: 1 } };
    await call([OK], { policy: tight });
    expect(await call([OK], { policy: {} })).toMatchObject({ asked: 1 });
    expect(limits.states().get("erp")?.counts.ok).toBe(2);
  });
});
