import pino from "pino";
import { describe, expect, it } from "vitest";
import { AppError } from "#server/kernel/errors.ts";
import type { Execution, RecordedCall } from "../../runs/index.ts";
import { DurableCalls } from "./durable-calls.ts";

/** What the calls need of an execution: a log whose order shows. */
function setup(known: RecordedCall[] = []) {
  const log: string[] = [];
  const kept: RecordedCall[] = [];
  const stop = new AbortController();
  const execution = {
    call: (call: RecordedCall) => void (kept.push(structuredClone(call)), log.push(call.state)),
    commit: async () => void log.push("durable"),
    log: pino({ level: "silent" }),
  } as unknown as Execution; // the part that is used
  return { log, kept, stop, calls: new DurableCalls(execution, stop.signal, known) };
}
const ref = { step: 3, n: 1 };
const begun: RecordedCall = { ...ref, op: "tool.call", args: {}, state: "begun" };

describe("a call of a step", () => {
  it("is durable before it acts, and its result before the step goes on", async () => {
    const { calls, log, kept } = setup();
    const answer = await calls.make({ ref, op: "tool.call", args: { a: 1 }, act: async () => (log.push("acts"), 42) });
    log.push("goes on");
    expect(answer).toBe(42);
    expect(log).toEqual(["begun", "durable", "acts", "done", "durable", "goes on"]);
    expect(kept.at(-1)).toEqual({ ...ref, op: "tool.call", args: { a: 1 }, state: "done", result: 42 });
  });

  it("is answered from the log where its result is there, also when that was a failure", async () => {
    const failed: RecordedCall = { ...begun, n: 2, state: "failed", result: { code: "tool.timeout", message: "Late" } };
    const { calls, log } = setup([{ ...begun, state: "done", result: "kept" }, failed]);
    const act = async () => log.push("acts");
    expect(await calls.make({ ref, op: "tool.call", args: {}, act })).toBe("kept");
    await expect(calls.make({ ref: { step: 3, n: 2 }, op: "tool.call", args: {}, act })).rejects.toMatchObject({
      code: "tool.timeout",
      message: "Late",
    });
    expect(log).toEqual([]);
  });

  it("that was begun and has no result asks what to do, and acts only when it may", async () => {
    for (const repeat of [true, false]) {
      const { calls, log } = setup([begun]);
      const again = async () => (repeat ? { repeat } : { repeat, result: "as people say" });
      const answer = await calls.make({
        ref,
        op: "tool.call",
        args: {},
        again,
        act: async () => (log.push("acts"), "anew"),
      });
      expect(answer).toBe(repeat ? "anew" : "as people say");
      expect(log.includes("acts")).toBe(repeat);
      expect(log.slice(-2)).toEqual(["done", "durable"]);
    }
  });

  it("acts once for two that ask while it is under way, as after the death of a runner", async () => {
    const { calls, log } = setup();
    let answer: (value: unknown) => void = () => undefined;
    const act = () => (log.push("acts"), new Promise((resolve) => (answer = resolve)));
    const both = [
      calls.make({ ref, op: "tool.call", args: {}, act }),
      calls.make({ ref, op: "tool.call", args: {}, act }),
    ];
    await new Promise((later) => setImmediate(later));
    answer(7);
    expect(await Promise.all(both)).toEqual([7, 7]);
    expect(log.filter((entry) => entry === "acts")).toHaveLength(1);
  });

  it("keeps a failure in words, and of a mistake of ours no detail", async () => {
    const { calls, kept } = setup();
    const wrong = new AppError("invalid", "tool.arguments", "Does not fit", {
      fields: [{ path: "a", message: "missing" }],
    });
    const fails = (n: number, error: Error) =>
      calls.make({ ref: { step: 1, n }, op: "tool.call", args: {}, act: () => Promise.reject(error) });
    await expect(fails(1, wrong)).rejects.toMatchObject({
      code: "tool.arguments",
      message: "Does not fit\na: missing",
    });
    await expect(fails(2, new TypeError("secret of x"))).rejects.toMatchObject({ code: "bug" });
    expect(kept.filter(({ state }) => state === "failed")).toHaveLength(2);
    expect(JSON.stringify(kept)).not.toContain("secret of x");
  });

  it("is tried again while the database is away, without a failure", async () => {
    const { calls, kept } = setup();
    let tries = 0;
    const away = Object.assign(new Error("gone"), { code: "57P01" });
    const act = () => (++tries === 1 ? Promise.reject(away) : Promise.resolve("there"));
    expect(await calls.make({ ref, op: "approval.request", args: {}, act })).toBe("there");
    expect(kept.map(({ state }) => state)).toEqual(["begun", "done"]);
  });

  it("keeps nothing of a call that the end of the run cut off", async () => {
    const { calls, kept, stop } = setup();
    const reason = new Error("cancelled");
    const act = () =>
      new Promise((_, reject) =>
        stop.signal.addEventListener("abort", () => reject(new AppError("upstream", "x", "cut"))),
      );
    const made = calls.make({ ref, op: "tool.call", args: {}, act });
    await new Promise((later) => setImmediate(later));
    stop.abort(reason);
    await expect(made).rejects.toBe(reason);
    expect(kept.map(({ state }) => state)).toEqual(["begun"]);
  });
});
