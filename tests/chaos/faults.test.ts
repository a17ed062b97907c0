import { afterEach, describe, expect, it } from "vitest";
import { createLimits, type Limits } from "#server/mcp/resilience/limits.ts";
import type { UpstreamPolicy } from "#server/mcp/definition.ts";
import { AppError } from "#server/kernel/errors.ts";
import { startCountingUpstream, startMisbehavingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { definition, operator, silent, startTestGateway, type TestGateway } from "#tests/support/tool-gateway.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Plant extends TestGateway {
  limits: Limits;
  /** The upstream `bad`, behind the faults, and `good`, without any. */
  bad: TestUpstream;
  good: TestUpstream;
  faults: FaultProxy;
  /** Milliseconds by which the breaker's clock is ahead. */
  pass(ms: number): void;
  call(
    name: string,
    args?: Record<string, unknown>,
    timeoutMs?: number,
  ): Promise<{ code: string; ms: number; mayHaveRun?: unknown }>;
}

const AT_ONCE: NonNullable<UpstreamPolicy["retry"]> = {
  backoff: "linear",
  initialDelayMs: 0,
  maxDelayMs: 0,
  maxAttempts: 3,
};

async function plant(era: "modern" | "legacy", policy: UpstreamPolicy = {}): Promise<Plant> {
  const [bad, good] = await Promise.all([startCountingUpstream({ era }), startCountingUpstream({ era })]);
  const faults = await startFaultProxy(bad.url);
  let ahead = 0;
  const limits = createLimits({ log: silent, now: () => performance.now() + ahead });
  const of = { privateNetwork: true, retry: AT_ONCE, ...policy };
  const gateway = await startTestGateway(
    [definition("bad", faults.url, { policy: of }), definition("good", good.url, { policy: of })],
    { stages: [limits.stage], defaultTimeoutMs: 400 },
  );
  ends.push(
    () => bad.stop(),
    () => good.stop(),
    () => faults.stop(),
    () => gateway.stop(),
  );
  await gateway.tools.list(operator);
  return {
    ...gateway,
    limits,
    bad,
    good,
    faults,
    pass: (ms) => void (ahead += ms),
    async call(name, args = {}, timeoutMs = 400) {
      const began = performance.now();
      const result = await gateway.tools.call({ actor: operator, name, args, timeoutMs }).then(
        ({ failed }) => ({ code: failed ? "failed" : "ok" }),
        (error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          return { code: error.code, mayHaveRun: error.hints.extra?.["mayHaveRun"] };
        },
      );
      return { ...result, ms: performance.now() - began };
    },
  };
}

const BOOK = { material: "M-1", amount: 1 };
const executed = (upstream: TestUpstream, tool: string) => upstream.calls().filter(({ name }) => name === tool).length;

describe.each(["modern", "legacy"] as const)("an upstream of the %s era", (era) => {
  it.each([
    // fault, what the caller of a booking is told, whether it may have happened, how often the upstream was asked
    ["refuse", "tool.unreachable", false, 0],
    ["hang", "tool.timeout", true, 1],
    ["500", "tool.protocol", true, 1],
    ["drip", "tool.timeout", true, 1],
    ["cut", "tool.unreachable", true, 1],
    ["garbage", "tool.protocol", true, 1],
  ] as const)(
    "that meets a booking with %s: the caller is told %s, nothing is sent twice, others go on",
    async (fault, code, mayHaveRun, asked) => {
      const { faults, call, bad, good } = await plant(era);
      await faults.become(fault);
      const [lost, fine] = await Promise.all([call("bad.book", BOOK), call("good.book", BOOK, 5_000)]);
      expect(fine.code).toBe("ok");
      expect(executed(good, "book")).toBe(1);
      expect([lost.code, lost.mayHaveRun]).toEqual([code, mayHaveRun]);
      expect(lost.ms).toBeLessThan(2_000);
      expect(faults.calls()).toBe(asked);
      expect(executed(bad, "book")).toBe(fault === "cut" ? 1 : 0);
    },
  );

  it.each(["500", "cut", "garbage"] as const)(
    "that answers with %s is asked again where the tool says that a second call changes nothing more, as often as the policy allows",
    async (fault) => {
      const { faults, call } = await plant(era);
      await faults.become(fault);
      expect((await call("bad.set_level", { level: 3 })).code).not.toBe("ok");
      expect(faults.calls()).toBe(3);
    },
  );

  it("that comes back is used again at once, by the same connection or a new one", async () => {
    const { faults, call, bad } = await plant(era);
    await faults.become("refuse");
    expect((await call("bad.read_stock", { material: "M" })).code).toBe("tool.unreachable");
    await faults.become("none");
    await expect.poll(async () => (await call("bad.read_stock", { material: "M" })).code).toBe("ok");
    expect(executed(bad, "read_stock")).toBe(1);
  });

  it("that changes its tools is listed anew; a call of one that is gone is a clear answer", async () => {
    const { call, bad, tools } = await plant(era);
    expect((await call("bad.added")).code).toBe("tool.missing");
    bad.addTool("added");
    await expect.poll(async () => (await tools.list(operator)).map(({ name }) => name)).toContain("bad.added");
    expect((await call("bad.added")).code).toBe("ok");
  });
});

it("a session that an upstream of 2025 forgot is opened anew, and the booking made once", async () => {
  const { call, bad } = await plant("legacy");
  bad.forgetSessions();
  expect((await call("bad.book", BOOK)).code).toBe("ok");
  expect(executed(bad, "book")).toBe(1);
});

describe("the breaker", () => {
  const policy: UpstreamPolicy = {
    retry: { ...AT_ONCE, maxAttempts: 1 },
    breaker: { failureThreshold: 3, recoveryMs: 10_000, halfOpenMaxCalls: 2 },
  };
  const opened = async () => {
    const all = await plant("modern", policy);
    await all.faults.become("500");
    for (let i = 0; i < 3; i++) await all.call("bad.book", BOOK);
    return all;
  };

  it("opens at its threshold, answers in under 5 ms, and the upstream is left alone", async () => {
    const { call, faults, limits } = await opened();
    expect(limits.states().get("bad")?.breaker).toMatchObject({ phase: "open", failures: 3 });
    const answers = [];
    for (let i = 0; i < 21; i++) answers.push(await call("bad.book", BOOK));
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => "upstream.broken"));
    expect(answers.map(({ ms }) => ms).toSorted((a, b) => a - b)[10]).toBeLessThan(5);
    expect(faults.calls()).toBe(3);
    expect((await call("good.book", BOOK)).code).toBe("ok");
  });

  it("half open lets exactly so many through, however many come at once", async () => {
    const { call, faults, pass, bad, limits } = await opened();
    await faults.become("none");
    pass(9_000);
    expect((await call("bad.book", BOOK)).code).toBe("upstream.broken");
    pass(1_000);
    const storm = await Promise.all(Array.from({ length: 50 }, () => call("bad.slow", { ms: 100 })));
    expect(storm.filter(({ code }) => code === "ok")).toHaveLength(2);
    expect(storm.filter(({ code }) => code === "upstream.broken")).toHaveLength(48);
    expect(executed(bad, "slow")).toBe(2);
    expect(limits.states().get("bad")?.breaker.phase).toBe("closed");
    expect((await call("bad.book", BOOK)).code).toBe("ok");
  });

  it("half open closes again at the first failure", async () => {
    const { call, faults, pass, limits } = await opened();
    pass(10_000);
    const two = await Promise.all([call("bad.book", BOOK), call("bad.book", BOOK)]);
    expect(two.map(({ code }) => code)).toContain("tool.protocol");
    expect(limits.states().get("bad")?.breaker.phase).toBe("open");
    expect(faults.calls()).toBeLessThanOrEqual(5);
  });

  it("minds no mistakes of callers", async () => {
    const { call, limits } = await plant("modern", policy);
    for (let i = 0; i < 5; i++) expect((await call("bad.book", { material: 3 })).code).toBe("tool.arguments");
    for (let i = 0; i < 5; i++) expect((await call("bad.refuse")).code).toBe("failed");
    expect(limits.states().get("bad")?.breaker.phase ?? "closed").toBe("closed");
  });
});

it.each(["hang", "500", "garbage", "close"] as const)(
  "ten upstreams, one of which answers everything with %s, list the tools of nine",
  async (how) => {
    const dead = await startMisbehavingUpstream(how);
    const good = await Promise.all(Array.from({ length: 9 }, () => startCountingUpstream()));
    const gateway = await startTestGateway(
      [definition("dead", dead.url), ...good.map(({ url }, i) => definition(`good${i}`, url))],
      { pace: { connectMs: 1_000, listMs: 500 } },
    );
    ends.push(
      () => dead.stop(),
      ...good.map((one) => () => one.stop()),
      () => gateway.stop(),
    );
    const began = performance.now();
    const listed = await gateway.tools.list(operator);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect([...new Set(listed.map(({ server }) => server))]).toEqual(good.map((_, i) => `good${i}`));
    expect(listed).toHaveLength(9 * 7);
  },
);

it.each<Fault>(["hang", "drip"])("a hundred calls that %s hold up nobody else", async (fault) => {
  const { faults, call } = await plant("modern", { concurrency: 50, retry: { ...AT_ONCE, maxAttempts: 1 } });
  await faults.become(fault);
  const stuck = Promise.all(Array.from({ length: 100 }, () => call("bad.read_stock", { material: "M" })));
  const fine = await Promise.all(Array.from({ length: 20 }, () => call("good.read_stock", { material: "M" }, 5_000)));
  expect(fine.map(({ code }) => code)).toEqual(fine.map(() => "ok"));
  const codes = new Set((await stuck).map(({ code }) => code));
  expect([...codes].filter((code) => !["tool.timeout", "upstream.broken", "upstream.busy"].includes(code))).toEqual([]);
});
