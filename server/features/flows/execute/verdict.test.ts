import { describe, expect, it } from "vitest";
import type { StepRecord } from "#server/engine/contract.ts";
import type { RunEnd, RunJob } from "#server/runner/pool.ts";
import { OpenSteps } from "./open-steps.ts";
import { verdict } from "./verdict.ts";

const step = (seq: number, type: string, state: StepRecord["state"], name?: string): StepRecord => ({
  seq,
  node: `n${seq}`,
  type,
  from: null,
  port: null,
  at: 0,
  state,
  ...(name ? { name } : {}),
});
const open = new OpenSteps();
open.apply([step(1, "function", "done"), step(2, "function", "running", "Squares"), step(3, "change", "queued")]);

const died = (cause: "stalled" | "memory" | "crashed" | "killed", company: number): RunEnd & { type: "died" } => ({
  type: "died",
  company,
  death: { cause, detail: "" },
});
const judge = (end: Parameters<typeof verdict>[0], alone: boolean, past = { unexplained: 0, blameless: 0 }) =>
  verdict(end, { alone } as RunJob, past, open, 512); // alone is all that counts of a job

describe("how a run goes on whose runner died", () => {
  it.each(["stalled", "memory", "crashed", "killed"] as const)(
    "that was not alone: alone, whatever the cause (%s)",
    (cause) => expect(judge(died(cause, 2), false)).toBe(true),
  );

  it.each(["memory", "crashed", "killed"] as const)(
    "the only one in a runner that others had used: once more, alone (%s)",
    (cause) => expect(judge(died(cause, 0), false)).toBe(true),
  );

  it("the only one, and the processor was held: it is the cause, and the node is named", () => {
    expect(() => judge(died("stalled", 0), false)).toThrow(
      /most likely in the node “Squares” \(n2\).*held the processor/,
    );
  });

  it.each([
    ["memory", /more than 512 MB/],
    ["crashed", /crashed/],
    ["stalled", /held the processor/],
  ] as const)("alone from the start: it is the cause (%s)", (cause, words) => {
    expect(() => judge(died(cause, 0), true)).toThrow(expect.objectContaining({ code: "run.killed-runner" }));
    expect(() => judge(died(cause, 0), true)).toThrow(words);
  });

  it("ended from outside while alone: once more, then it is held to be the cause", () => {
    const past = { unexplained: 0, blameless: 0 };
    expect(judge(died("killed", 0), true, past)).toBe(true);
    expect(() => judge(died("killed", 0), true, past)).toThrow(expect.objectContaining({ code: "run.killed-runner" }));
  });

  it("interrupted without blame: as before, but not for ever", () => {
    const past = { unexplained: 0, blameless: 0 };
    const end = { type: "interrupted", reason: "x" } as const;
    for (let i = 0; i < 20; i++) expect(judge(end, false, past)).toBe(false);
    expect(() => judge(end, false, past)).toThrow(expect.objectContaining({ code: "run.interrupted" }));
  });
});

describe("what of a run is open", () => {
  it("is only what waits for people, beside what collects and works on nothing", () => {
    const steps = new OpenSteps();
    steps.apply([step(1, "osf-mcp-erp", "running"), step(2, "join", "running")]);
    expect(steps.onlyWaits(new Set([1]))).toBe(true);
    steps.apply([step(3, "delay", "running")]);
    expect(steps.onlyWaits(new Set([1]))).toBe(false);
    steps.apply([step(3, "delay", "done"), step(4, "join", "queued")]);
    expect(steps.onlyWaits(new Set([1]))).toBe(false);
  });
});
