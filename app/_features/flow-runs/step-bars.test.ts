import { expect, it } from "vitest";
import type { RunEventView } from "#server/features/runs/schema.ts";
import type { StepChange } from "#server/features/runs/steps.schema.ts";
import { createFlowLog, readFlowEvents } from "./flow-log.ts";
import { stepBars } from "./step-bars.ts";

const words = {
  waitWorker: "worker",
  waitWorkerDetail: "",
  gapQueued: "turn",
  gapApproval: "approval",
  gapSuspended: "rest",
  gapInterrupted: "interrupted",
};
type Given = [at: number, type: string, data?: Record<string, unknown>];
const bars = (given: Given[], endedAt: number | null = null) => {
  const log = createFlowLog();
  readFlowEvents(
    log,
    given.map(([at, type, data = {}], i): RunEventView => ({ seq: i + 1, type, data, at: new Date(at) })),
  );
  const run = { createdAt: new Date(0), endedAt: endedAt === null ? null : new Date(endedAt) };
  return stepBars(log, run, (node) => `node ${node}`, words);
};
const steps = (at: number, ...list: (Partial<StepChange> & { seq: number; node: string })[]): Given => [
  at,
  "steps",
  { steps: list.map((step) => ({ from: null, port: null, status: "done", at, ...step })) },
];
const brief = (given: ReturnType<typeof bars>) => given.map(({ label, state, from, to }) => [label, state, from, to]);

it("makes a bar of each step from when its node got the message", () => {
  const shown = bars([
    steps(10, { seq: 1, node: "a", startedAt: 12, durationMs: 5 }),
    steps(17, { seq: 2, node: "b", status: "running", startedAt: 20 }),
  ]);
  expect(brief(shown)).toEqual([
    ["node a", "ok", 12, 17],
    ["node b", "running", 20, null],
  ]);
});

it("names the wait for a worker, and for a turn, when they are long", () => {
  const shown = bars([steps(2_000, { seq: 1, node: "a", startedAt: 5_000, durationMs: 1 })]);
  expect(brief(shown)).toEqual([
    ["worker", "waiting", 0, 2_000],
    ["node a", "ok", 2_000, 5_001],
  ]);
  expect(shown[1]?.gaps).toEqual([{ from: 2_000, to: 5_000, reason: "turn" }]);
});

it("shows the question as the reason why the step that asks stands still", () => {
  const asked: Given[] = [
    steps(10, { seq: 1, node: "ask", status: "running", startedAt: 10 }),
    [20, "approval_required", { approvalId: "ap", step: 1 }],
    [25, "suspended", { status: "waiting" }],
  ];
  expect(bars(asked)).toMatchObject([
    { state: "waiting", to: null, gaps: [{ from: 20, to: null, reason: "approval" }] },
  ]);
  const answered = bars(
    [
      ...asked,
      [9_000, "approval_decided", { approvalId: "ap" }],
      [9_010, "resumed"],
      steps(9_020, { seq: 1, node: "ask", at: 10, startedAt: 10, durationMs: 9_005 }),
      [9_030, "done"],
    ],
    9_030,
  );
  expect(answered).toMatchObject([{ state: "ok", to: 9_015, gaps: [{ from: 20, to: 9_000, reason: "approval" }] }]);
});

it("shows rest and interruption on the steps that were open then, and on no others", () => {
  const shown = bars([
    [1, "status", { attempt: 1 }],
    steps(
      10,
      { seq: 1, node: "a", startedAt: 10, durationMs: 5 },
      { seq: 2, node: "b", status: "running", startedAt: 10 },
    ),
    [5_000, "status", { attempt: 2 }],
    steps(5_010, { seq: 3, node: "c", startedAt: 5_010, durationMs: 1 }),
  ]);
  expect(shown.map(({ gaps }) => gaps)).toEqual([
    undefined,
    [{ from: 15, to: 5_000, reason: "interrupted" }],
    undefined,
  ]);
});

it("ends what was under way with the run", () => {
  const shown = bars([steps(10, { seq: 1, node: "a", status: "running", startedAt: 10 }), [500, "cancelled"]], 500);
  expect(brief(shown)).toEqual([["node a", "idle", 10, 500]]);
});
