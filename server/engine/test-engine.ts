import type {
  CallOp,
  CallRef,
  ContextWrite,
  EngineEvent,
  EngineHost,
  Graph,
  NodeDef,
  RunLog,
  StepRecord,
} from "#server/engine/contract.ts";
import type { EngineClock, Override } from "#server/engine/engine-types.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";

/** Time that stands still until it is moved to the next timer. */
export class HandClock implements EngineClock {
  time: number;
  readonly #timers: { due: number; fn: () => void }[] = [];
  constructor(time = Date.UTC(2026, 0, 2)) {
    this.time = time;
  }
  now(): number {
    return this.time;
  }
  after(ms: number, fn: () => void): () => void {
    const timer = { due: this.time + ms, fn };
    this.#timers.push(timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }
  /** Fires the next timer at its time; false: there is none. */
  step(): boolean {
    const [next] = this.#timers.sort((a, b) => a.due - b.due);
    if (!next) return false;
    this.#timers.shift();
    this.time = Math.max(this.time, next.due);
    next.fn();
    return true;
  }
}

type Answer = (op: CallOp, args: unknown, ref: CallRef) => unknown;

/** Keeps what the engine records, as the worker does, and answers calls once for each reference. */
export class MemoryHost implements EngineHost {
  /** What was handed over together, in order. */
  readonly batches: { steps: StepRecord[]; events: EngineEvent[]; at: number }[] = [];
  /** Calls that were carried out: twice the same would be an effect that was doubled. */
  readonly carriedOut: { ref: CallRef; op: CallOp; args: unknown }[] = [];
  readonly answers = new Map<string, unknown>();
  activity = 0;
  readonly #clock: EngineClock;
  readonly #answer: Answer;

  constructor(clock: EngineClock, answer: Answer = () => null) {
    this.#clock = clock;
    this.#answer = answer;
  }
  record(_run: string, steps: StepRecord[], events: EngineEvent[]): void {
    this.activity++;
    this.batches.push({ steps: structuredClone(steps), events: structuredClone(events), at: this.#clock.now() });
  }
  async commit(): Promise<void> {
    this.activity++;
    await Promise.resolve();
  }
  async call(_run: string, ref: CallRef, op: CallOp, args: unknown): Promise<unknown> {
    this.activity++;
    const key = `${ref.step}/${ref.n}`;
    if (this.answers.has(key)) return this.answers.get(key);
    this.carriedOut.push({ ref, op, args: structuredClone(args) });
    const answer = await this.#answer(op, args, ref);
    this.activity++;
    this.answers.set(key, answer);
    return answer;
  }
  get steps(): StepRecord[] {
    return this.batches.flatMap(({ steps }) => steps);
  }
  events(type: string): Record<string, unknown>[] {
    return this.batches.flatMap(({ events }) => events.filter((event) => event.type === type).map(({ data }) => data));
  }
}

/** Latest record of each step, as the database has it. */
export function logOf(records: readonly StepRecord[]): RunLog {
  const steps = new Map<number, StepRecord>();
  for (const record of records) steps.set(record.seq, { ...steps.get(record.seq), ...record });
  const all = [...steps.values()].sort((a, b) => a.seq - b.seq);
  return { steps: all.map((record) => ({ ...record, msg: record.msg ?? "null" })) };
}

/** What the workspace's contexts are after these records. */
export function contextsOf(records: readonly StepRecord[]): ContextWrite[] {
  return records.flatMap(({ context = [] }) => context.filter(({ scope }) => !scope.startsWith("node:")));
}

export const isOver = (record: StepRecord) => record.state !== "queued" && record.state !== "running";

/** Turns of the event loop in which nothing is recorded: more than feeding a node again takes. */
const QUIET = 60;

/** Waits for a promise, moving time whenever nothing happens otherwise. */
export async function settled<T>(promise: Promise<T>, clock: HandClock, host: MemoryHost): Promise<T> {
  const ending = { value: undefined as T | undefined, failure: undefined as unknown, over: false };
  promise.then(
    (value) => Object.assign(ending, { value, over: true }),
    (failure: unknown) => Object.assign(ending, { failure, over: true }),
  );
  let quiet = 0;
  let seen = -1;
  while (!ending.over) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    quiet = host.activity === seen ? quiet + 1 : 0;
    seen = host.activity;
    if (quiet < QUIET) continue;
    if (!clock.step()) throw new Error("Nothing is at work, and the run has not ended");
    quiet = 0;
  }
  if (ending.failure !== undefined) throw ending.failure;
  return ending.value as T; // it is over and has not failed
}

/** Nodes of one tab `tab`, with positions, so that short test flows are valid Node-RED. */
export function graphOf(nodes: (Partial<NodeDef> & { id: string; type: string })[], key = "graph"): Graph {
  return {
    key,
    credentials: {},
    nodes: [
      ...(nodes.some(({ type }) => type === "tab") ? [] : [{ id: "tab", type: "tab", label: "Tab" }]),
      ...nodes.map((node) =>
        node.type === "tab" || node.type === "subflow" ? node : { z: "tab", x: 1, y: 1, ...node },
      ),
    ],
  };
}

/** A node for the tests: `code` is the body of (msg, node, send, done, timers, call); stands for `function`. */
export const scripted: Override = (RED, kit) => {
  function Scripted(this: FlowNode, config: { code?: string }) {
    RED.nodes.createNode(this, config as never);
    const body = new Function("msg", "node", "send", "done", "timers", "call", config.code ?? "send(msg); done()") as (
      ...args: unknown[]
    ) => void;
    this.onInput((msg: Message, send, done) => {
      const frame = kit.currentFrame();
      const call = (op: CallOp, args: unknown) => kit.call(frame!, op, args); // a delivery has one
      body(msg, this, send, done, kit.timers, call);
    });
  }
  RED.nodes.registerType("function", Scripted);
};
