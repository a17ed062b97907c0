import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gate, Turned, type Place } from "./gate.ts";
import { TokenBucket } from "./token-bucket.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const now = () => performance.now();
const PLENTY = { requestsPerMinute: 1_000_000, burst: 1_000_000 };
const gate = (more: Partial<ConstructorParameters<typeof Gate>[0]> = {}) =>
  new Gate({ concurrency: 100, rate: { ...PLENTY, queue: 10, queueMs: 1_000 }, callerRate: PLENTY, ...more }, now);

/** What became of an entry so far. */
function watch(entering: Promise<Place>) {
  const seen: Partial<Place> & { error?: unknown } = {};
  entering.then(
    (place) => Object.assign(seen, place),
    (error: unknown) => (seen.error = error),
  );
  return seen;
}
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a bucket", () => {
  it("gives its burst at once and then one token in its time, never more than it holds", () => {
    const bucket = new TokenBucket({ requestsPerMinute: 60, burst: 3 }, 0);
    for (let i = 0; i < 3; i++) {
      expect(bucket.waitMs(0)).toBe(0);
      bucket.take(0);
    }
    expect(bucket.waitMs(0)).toBe(1_000);
    expect(bucket.waitMs(400)).toBe(600);
    expect(bucket.waitMs(1_000)).toBe(0);
    expect(bucket.level(1_000_000)).toBe(3);
    expect(bucket.isFull(1_000_000)).toBe(true);
  });

  it("is not fooled by a clock that goes backwards", () => {
    const bucket = new TokenBucket({ requestsPerMinute: 60, burst: 1 }, 1_000);
    bucket.take(1_000);
    expect(bucket.waitMs(0)).toBe(1_000);
    expect(bucket.waitMs(2_000)).toBe(0);
  });
});

describe("the gate before an upstream", () => {
  it("lets in as many at a time as may be, and the next when one leaves, in the order of coming", async () => {
    const gated = gate({ concurrency: 2 });
    const entries = ["a", "b", "c", "d"].map((caller) => watch(gated.enter(caller, undefined)));
    await settle();
    expect(entries.map(({ leave }) => leave !== undefined)).toEqual([true, true, false, false]);
    entries[1]?.leave?.();
    entries[1]?.leave?.(); // twice is once
    await settle();
    expect(entries.map(({ leave }) => leave !== undefined)).toEqual([true, true, true, false]);
    expect(gated.state()).toMatchObject({ inFlight: 2, queued: 1 });
  });

  it("makes callers wait for a token, to its very time, and turns those away who would wait too long", async () => {
    const gated = gate({ rate: { requestsPerMinute: 60, burst: 1, queue: 10, queueMs: 1_500 } });
    const entries = ["a", "b", "c"].map((caller) => watch(gated.enter(caller, undefined)));
    await vi.advanceTimersByTimeAsync(999);
    expect(entries[1]?.leave).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(entries[1]?.leave).toBeDefined();
    await vi.advanceTimersByTimeAsync(499);
    expect(entries[2]?.error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(entries[2]?.error).toBeInstanceOf(Turned);
    expect(entries[2]?.error).toMatchObject({ why: "too-long" });
    expect(gated.state().queued).toBe(0);
  });

  it("turns away at once who finds the queue full, and leaves half of it to others than the one who fills it", async () => {
    const gated = gate({ concurrency: 1, rate: { ...PLENTY, queue: 4, queueMs: 1_000 } });
    const greedy = Array.from({ length: 4 }, () => watch(gated.enter("greedy", undefined)));
    await settle();
    expect(greedy.map(({ error }) => (error as Turned | undefined)?.why)).toEqual([
      undefined,
      undefined,
      undefined,
      "queue-full",
    ]);
    const others = ["b", "c", "d"].map((caller) => watch(gated.enter(caller, undefined)));
    await settle();
    expect(others.map(({ error }) => error !== undefined)).toEqual([false, false, true]);
  });

  it("lets others overtake a caller whose own bucket is empty", async () => {
    const rate = { ...PLENTY, queue: 10, queueMs: 2_000 };
    const gated = gate({ rate, callerRate: { requestsPerMinute: 60, burst: 1 } });
    const first = watch(gated.enter("a", undefined));
    const second = watch(gated.enter("a", undefined));
    const other = watch(gated.enter("b", undefined));
    await settle();
    expect([first.leave, second.leave, other.leave].map(Boolean)).toEqual([true, false, true]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(second.leave).toBeDefined();
  });

  it("gives up the place of a caller who gave up", async () => {
    const gated = gate({ concurrency: 1 });
    const inside = watch(gated.enter("a", undefined));
    const giving = new AbortController();
    const waiting = watch(gated.enter("b", giving.signal));
    const next = watch(gated.enter("c", undefined));
    await settle();
    giving.abort(new Error("enough"));
    await settle();
    expect(waiting.error).toMatchObject({ message: "enough" });
    inside.leave?.();
    await settle();
    expect(next.leave).toBeDefined();
  });

  it("gives others the place of a call in the middle of which a person is asked", async () => {
    const gated = gate({ concurrency: 1 });
    const asking = watch(gated.enter("a", undefined));
    const other = watch(gated.enter("b", undefined));
    await settle();
    expect(other.leave).toBeUndefined();
    asking.rest?.();
    await settle();
    expect(other.leave).toBeDefined();
    asking.goOn?.();
    expect(gated.state().inFlight).toBe(2);
    asking.leave?.();
    asking.goOn?.();
    other.leave?.();
    expect(gated.state().inFlight).toBe(0);
  });

  it("keeps no timer and no place when everybody has gone", async () => {
    const gated = gate({ concurrency: 1 });
    const inside = watch(gated.enter("a", undefined));
    const waiting = watch(gated.enter("b", undefined));
    await settle();
    inside.leave?.();
    await settle();
    waiting.leave?.();
    await settle();
    expect(gated.state()).toMatchObject({ inFlight: 0, queued: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
