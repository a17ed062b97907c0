import path from "node:path";
import pino from "pino";
import { afterEach } from "vitest";
import { RUN_LIMITS, type EngineEvent, type Graph, type StepRecord } from "#server/engine/contract.ts";
import { createRunnerPool, type PoolOptions, type RunEnd, type RunHost, type RunJob, type RunnerPool } from "./pool.ts";

/** Pools of runners whose engine is test-runner.ts; each ends with its test. */
export const ENTRY = path.join(import.meta.dirname, "test-runner.ts");
const open: RunnerPool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

export function pool(options: Partial<PoolOptions> = {}): RunnerPool {
  const made = createRunnerPool({
    limits: RUN_LIMITS,
    allowPrivateHosts: [],
    size: { warm: 0, limit: 4, memoryMb: 400 },
    contexts: async () => [],
    log: pino({ level: "silent" }),
    entry: ENTRY,
    ...options,
    pace: { beatMs: 25, ...options.pace },
  });
  open.push(made);
  return made;
}

let count = 0;
const graph = (type: string, more: Record<string, unknown> = {}): Graph => ({
  key: `${type} ${JSON.stringify(more)}`,
  nodes: [{ id: `the ${type}`, type, ...more }],
  credentials: {},
});
export const job = (type: string, more: Record<string, unknown> = {}, as: Partial<RunJob> = {}): RunJob => ({
  runId: `run_${++count}`,
  workspaceId: "wsp_1",
  graph: graph(type, more),
  start: { node: "n" },
  alone: false,
  urgent: false,
  ...as,
});

interface Heard extends RunHost {
  steps: StepRecord[];
  events: EngineEvent[];
}
export function host(more: Partial<RunHost> = {}): Heard {
  const steps: StepRecord[] = [];
  const events: EngineEvent[] = [];
  return {
    steps,
    events,
    record: (newSteps, newEvents) => void (steps.push(...newSteps), events.push(...newEvents)),
    commit: async () => undefined,
    call: async () => undefined,
    ...more,
  };
}
const never = new AbortController().signal;
export const run = (pool: RunnerPool, job: RunJob, heard: RunHost = host(), signal = never): Promise<RunEnd> =>
  pool.execute(job, heard, signal);
export const valueOf = (end: RunEnd): unknown =>
  end.type === "ended" && end.outcome.status === "completed" ? (end.outcome.output as { value: unknown }).value : end;
