import { expect, it } from "vitest";
import type { FlowNode } from "#server/features/flows/schema.ts";
import type { RunEventView } from "#server/features/runs/schema.ts";
import type { StepChange } from "#server/features/runs/steps.schema.ts";
import { drawFlow } from "../flows/graph/drawing.ts";
import { createFlowLog, readFlowEvents, type FlowLog } from "./flow-log.ts";
import { flowMarks } from "./flow-marks.ts";

const words = {
  queued: "queued",
  running: "running",
  waiting: "waiting",
  failed: "failed",
  dropped: "dropped",
  done: "done",
  times: (n: number) => `${n}x`,
  duration: (ms: number) => `${ms} ms`,
};

let seq = 0;
const event = (at: number, type: string, data: Record<string, unknown> = {}): RunEventView => ({
  seq: ++seq,
  type,
  data,
  at: new Date(at),
});
const step = (
  number: number,
  node: string,
  from: number | null,
  port: number | null,
  status: StepChange["status"],
  more: Partial<StepChange> = {},
): StepChange => ({ seq: number, node, from, port, status, at: number * 10, ...more });
const steps = (...changes: StepChange[]) => event(changes[0]?.at ?? 0, "steps", { steps: changes });
const read = (...events: RunEventView[]): FlowLog => {
  const log = createFlowLog();
  readFlowEvents(log, events);
  return log;
};

const node = (id: string, type: string, wires: string[][], z = "t"): FlowNode => ({ id, type, z, x: 0, y: 0, wires });
const flow = [node("a", "inject", [["b", "c"]]), node("b", "function", [["c"]]), node("c", "debug", [])];
const marksOf = (log: FlowLog, nodes = flow, container = "t", path: string[] = []) => {
  const drawing = drawFlow(nodes, container, () => 10, path);
  const { nodes: of, wires } = flowMarks(log, drawing, nodes, path, words);
  return { nodes: Object.fromEntries(of), wires: Object.fromEntries(wires) };
};

it("marks what each node did and counts what went over each wire", () => {
  const log = read(
    steps(step(1, "a", null, null, "running")),
    steps(
      step(1, "a", null, null, "done", { durationMs: 4 }),
      step(2, "b", 1, 0, "queued"),
      step(3, "c", 1, 0, "queued"),
    ),
    steps(step(2, "b", 1, 0, "done", { durationMs: 6 }), step(4, "c", 2, 0, "running")),
    steps(step(3, "c", 1, 0, "done", { durationMs: 2 })),
  );
  expect(marksOf(log)).toEqual({
    nodes: {
      a: { state: "ok", word: "done", detail: "4 ms" },
      b: { state: "ok", word: "done", detail: "6 ms" },
      c: { state: "running", word: "running 2x", detail: undefined },
    },
    wires: {
      "a/0/b": { count: 1, live: false },
      "a/0/c": { count: 1, live: false },
      "b/0/c": { count: 1, live: true },
    },
  });
});

it("counts a step once however often it is told of", () => {
  const log = read(
    steps(step(1, "a", null, null, "queued")),
    steps(step(1, "a", null, null, "running")),
    steps(step(1, "a", null, null, "failed", { error: { code: "x", message: "no" } })),
  );
  expect(log.nodes.get("a")).toMatchObject({ count: 1, queued: 0, running: 0, failed: 1, steps: [1] });
  expect(marksOf(log).nodes["a"]).toMatchObject({ state: "fault", word: "failed" });
});

it("shows the node that asked as waiting until the answer is there", () => {
  const asked = [
    steps(step(1, "b", null, null, "running")),
    event(50, "approval_required", { approvalId: "ap_1", title: "Scrap?", step: 1 }),
    event(60, "suspended", { status: "waiting" }),
  ];
  expect(marksOf(read(...asked)).nodes["b"]).toMatchObject({ state: "waiting", word: "waiting" });
  const log = read(
    ...asked,
    event(500, "approval_decided", { approvalId: "ap_1" }),
    event(510, "resumed"),
    event(520, "status", { attempt: 2 }),
    steps(step(1, "b", null, null, "done", { durationMs: 470 })),
    event(540, "done"),
  );
  expect(marksOf(log).nodes["b"]).toMatchObject({ state: "ok" });
  expect(log.waits.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ["approval", 50, 500],
    ["suspended", 60, 510],
  ]);
});

it("tells of an interruption where a worker died", () => {
  const log = read(
    event(5, "status", { attempt: 1 }),
    steps(step(1, "a", null, null, "running")),
    event(4_000, "status", { attempt: 2 }),
  );
  expect(log.waits).toMatchObject([{ kind: "interrupted", from: 10, to: 4_000 }]);
});

it("knows a subflow's instance by its own steps where the engine keeps them", () => {
  const nodes: FlowNode[] = [
    { id: "s", type: "subflow", in: [{ wires: [{ id: "x" }] }], out: [] },
    node("x", "function", [[]], "s"),
    node("a", "inject", [["i"]]),
    node("i", "subflow:s", []),
  ];
  const log = read(
    steps(step(1, "a", null, null, "done"), step(2, "i", 1, 0, "done"), step(3, "i-x", 2, 0, "running")),
  );
  expect(marksOf(log, nodes)).toMatchObject({
    nodes: { i: { state: "running", word: "running" } },
    wires: { "a/0/i": { count: 1, live: false } },
  });
  expect(marksOf(log, nodes, "s", ["i"])).toMatchObject({ wires: { "in:0/0/x": { count: 1, live: true } } });
});

it("gathers what happens within a subflow at its instance, and shows it inside", () => {
  const nodes: FlowNode[] = [
    {
      id: "s",
      type: "subflow",
      in: [{ x: 0, y: 0, wires: [{ id: "x" }] }],
      out: [{ x: 0, y: 0, wires: [{ id: "y", port: 0 }] }],
    },
    node("x", "function", [["y"]], "s"),
    node("y", "function", [[]], "s"),
    node("a", "inject", [["i"]]),
    node("i", "subflow:s", [["c"]]),
    node("c", "debug", []),
  ];
  const log = read(
    steps(
      step(1, "a", null, null, "done"),
      step(2, "i-x", 1, 0, "done"),
      step(3, "i-y", 2, 0, "running"),
      step(4, "c", 3, 0, "queued"),
    ),
  );
  expect(marksOf(log, nodes)).toMatchObject({
    nodes: { a: { state: "ok" }, i: { state: "running" }, c: { state: "waiting" } },
    wires: { "a/0/i": { count: 1 }, "i/0/c": { count: 1, live: true } },
  });
  expect(marksOf(log, nodes, "s", ["i"])).toMatchObject({
    nodes: { x: { state: "ok" }, y: { state: "running" } },
    wires: { "in:0/0/x": { count: 1 }, "x/0/y": { count: 1 }, "y/0/out:0": { count: 1 } },
  });
});
