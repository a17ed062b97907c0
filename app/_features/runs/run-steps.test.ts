import { expect, it } from "vitest";
import type { RunEventView } from "#server/features/runs/schema.ts";
import { runSteps, type StepWords } from "./run-steps.ts";

const words: StepWords = {
  waitWorker: "worker",
  waitWorkerDetail: "",
  modelCall: (n) => `model ${n}`,
  cutOff: "cut off",
  interruption: "interruption",
  interruptionDetail: (attempt) => `attempt ${attempt}`,
  queueGap: "queue",
  interruptedGap: "interrupted",
  consentGap: "consent",
  formGap: "form",
};

type Given = [at: number, type: string, data?: Record<string, unknown>];
const run = (...given: Given[]) =>
  runSteps(
    { createdAt: new Date(0) },
    given.map(([at, type, data = {}], i): RunEventView => ({ seq: i + 1, type, data, at: new Date(at) })),
    words,
  );
const brief = (steps: ReturnType<typeof run>) => steps.map(({ label, state, from, to }) => [label, state, from, to]);
const asks = (...ids: string[]) => ({ part: 1, text: "", toolCalls: ids.map((callId) => ({ callId, name: "a.b" })) });
const start = (callId: string) => ({ callId, name: "a.b", title: `call ${callId}`, arguments: { q: callId } });

it("shows the model, its tools side by side, and the model again", () => {
  const steps = run(
    [10, "status", { attempt: 1 }],
    [100, "model_done", asks("x", "y")],
    [110, "tool_start", start("x")],
    [111, "tool_start", start("y")],
    [200, "tool_result", { callId: "y", result: 2, failed: true }],
    [300, "tool_result", { callId: "x", result: 1, failed: false }],
    [350, "content", { part: 2, text: "An" }],
    [400, "model_done", { part: 2, text: "Answer", toolCalls: [] }],
    [401, "done"],
  );
  expect(brief(steps)).toEqual([
    ["model 1", "ok", 10, 100],
    ["call x", "ok", 110, 300],
    ["call y", "fault", 111, 200],
    ["model 2", "ok", 300, 400],
  ]);
  expect(steps[1]).toMatchObject({ input: { q: "x" }, output: 1, events: { first: 3, last: 6 } });
});

it("lets what is under way run on", () => {
  expect(
    brief(run([10, "status", { attempt: 1 }], [90, "model_done", asks("x")], [95, "tool_start", start("x")])),
  ).toEqual([
    ["model 1", "ok", 10, 90],
    ["call x", "running", 95, null],
  ]);
});

it("names the wait for a worker when it is long, and the wait in the model's queue as a gap", () => {
  const steps = run(
    [2_000, "status", { attempt: 1 }],
    [2_010, "queue", { position: 2 }],
    [3_000, "queue", { position: 1 }],
    [4_000, "content", { part: 1, text: "A" }],
  );
  expect(brief(steps)).toEqual([
    ["worker", "waiting", 0, 2_000],
    ["model 1", "running", 2_000, null],
  ]);
  expect(steps[1]?.gaps).toEqual([{ from: 2_010, to: 4_000, reason: "queue" }]);
});

it("marks an interruption, and the passage that it cut off", () => {
  const steps = run(
    [10, "status", { attempt: 1 }],
    [50, "content", { part: 1, text: "An" }],
    [5_000, "status", { attempt: 2 }],
    [5_001, "content_withdrawn", { part: 1 }],
    [6_000, "model_done", { part: 2, text: "Answer", toolCalls: [] }],
    [6_001, "done"],
  );
  expect(brief(steps)).toEqual([
    ["model 1", "attention", 10, 50],
    ["interruption", "attention", 50, 5_000],
    ["model 2", "ok", 5_000, 6_000],
  ]);
});

it("keeps a tool's call whole over an interruption and calls no model while it is out", () => {
  const steps = run(
    [10, "status", { attempt: 1 }],
    [50, "model_done", asks("x")],
    [60, "tool_start", start("x")],
    [5_000, "status", { attempt: 2 }],
    [5_100, "tool_result", { callId: "x", result: 1 }],
  );
  expect(brief(steps)).toEqual([
    ["model 1", "ok", 10, 50],
    ["call x", "ok", 60, 5_100],
    ["interruption", "attention", 60, 5_000],
    ["model 2", "running", 5_100, null],
  ]);
  expect(steps[1]?.gaps).toEqual([{ from: 60, to: 5_000, reason: "interrupted" }]);
});

it("invents no call of the model where a run only had to be ended", () => {
  const steps = run(
    [10, "status", { attempt: 1 }],
    [50, "model_done", { part: 1, text: "Answer", toolCalls: [] }],
    [5_000, "status", { attempt: 2 }],
    [5_001, "done"],
  );
  expect(steps.map(({ label }) => label)).toEqual(["model 1", "interruption"]);
});

it("ends what was under way with the run: in fault when it failed, idle when it was cancelled", () => {
  expect(brief(run([10, "status", { attempt: 1 }], [50, "error", {}]))).toEqual([["model 1", "fault", 10, 50]]);
  expect(brief(run([10, "status", { attempt: 1 }], [50, "cancelled", {}]))).toEqual([["model 1", "idle", 10, 50]]);
});

it("explains how long a call waited for a person, and takes that for no wait for a worker", () => {
  const steps = run(
    [10, "status", { attempt: 1 }],
    [100, "model_done", asks("x")],
    [110, "tool_start", start("x")],
    [120, "approval_required", { callId: "x", approvalId: "apr_1" }],
    [60_000, "status", { attempt: 1 }],
    [60_010, "approval_decided", { callId: "x", approvalId: "apr_1", decision: "approve" }],
    [60_100, "tool_result", { callId: "x", result: 1, failed: false }],
  );
  expect(steps.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  expect(steps[1]).toMatchObject({ from: 110, to: 60_100, gaps: [{ from: 120, to: 60_010, reason: "consent" }] });
});

it("leaves no wait open in a run that was cancelled meanwhile", () => {
  const steps = run(
    [10, "status", { attempt: 1 }],
    [100, "model_done", asks("x")],
    [110, "tool_start", start("x")],
    [120, "secrets_required", { callId: "x" }],
    [500, "cancelled"],
  );
  expect(steps[1]?.gaps).toEqual([{ from: 120, to: 500, reason: "form" }]);
});
