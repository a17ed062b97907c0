/**
 * A runner for tests: an engine with isolates in a process of its own, with the flags of the real one. Speaks with
 * test-driver.ts.
 */
import { createEngine } from "#server/engine/index.ts";
import type { CallOp, EngineEvent, NodeDef, RunLimits, Snapshot, StepRecord } from "#server/engine/contract.ts";
import type { Ended } from "#server/engine/engine-types.ts";
import { createCodeRunner, functionNodeOverride } from "#server/engine/isolate/index.ts";

export interface TestRun {
  id: number;
  runId: string;
  graph: string;
  /** Given with the first run of a graph. */
  nodes?: NodeDef[];
  node: string;
  msg: Snapshot;
  /** Goes on from what was recorded of this run before. */
  resume?: boolean;
}
export interface TestAnswer {
  id: number;
  ended?: Ended;
  error?: string;
  steps: StepRecord[];
  events: EngineEvent[];
  calls: { op: CallOp; args: unknown }[];
}

const limits = JSON.parse(process.argv[2] ?? "{}") as Partial<RunLimits>; // given by test-driver.ts
const pkg = process.argv[3];
const records = new Map<
  string,
  { steps: Map<number, StepRecord>; events: EngineEvent[]; calls: TestAnswer["calls"] }
>();

function recordOf(runId: string) {
  let record = records.get(runId);
  if (!record) records.set(runId, (record = { steps: new Map(), events: [], calls: [] }));
  return record;
}

const engine = createEngine({
  limits,
  overrides: { function: functionNodeOverride },
  runCode: createCodeRunner(),
  ...(pkg !== undefined && { packages: [pkg] }),
  host: {
    record(runId, steps, events) {
      const record = recordOf(runId);
      for (const step of steps) record.steps.set(step.seq, { ...record.steps.get(step.seq), ...step });
      record.events.push(...events);
    },
    commit: async () => undefined,
    async call(runId, _ref, op, args) {
      recordOf(runId).calls.push({ op, args });
      const { name } = args as { name?: string };
      if (name === "broken.tool") throw Object.assign(new Error("The tool is broken"), { code: "tool.broken" });
      return op === "llm.complete" ? { text: "four", model: "m", usage: {} } : { failed: false, value: 42, text: "42" };
    },
  },
});

const planned = new Set<string>();

async function run({ id, runId, graph, nodes, node, msg, resume }: TestRun): Promise<void> {
  let ended: Ended | undefined;
  let error: string | undefined;
  try {
    if (nodes && !planned.has(graph)) {
      planned.add(graph);
      await engine.plan({ key: graph, nodes, credentials: {} });
    }
    // Every record of a step has its message: the first one that was merged.
    const steps = [...recordOf(runId).steps.values()] as (StepRecord & { msg: Snapshot })[];
    ended = await engine.start({ runId, graph, start: { node, msg }, ...(resume && { log: { steps } }) });
  } catch (thrown) {
    error = String(thrown);
  }
  const record = recordOf(runId);
  const answer: TestAnswer = {
    id,
    steps: [...record.steps.values()],
    events: record.events,
    calls: record.calls,
    ...(ended && { ended }),
    ...(error !== undefined && { error }),
  };
  process.send?.(answer);
}

process.on("message", (message: TestRun) => void run(message));
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
