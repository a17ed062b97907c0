/**
 * What goes into the engine and what comes out of it. The engine knows neither a database nor a process: whoever hosts
 * it (the runner process, a test) gives it graphs, keeps what it records and answers its calls.
 */

/** A node of Node-RED's flow JSON; everything beside these is the node's own configuration. */
export interface NodeDef {
  id: string;
  type: string;
  z?: string;
  g?: string;
  name?: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** What is planned once and executed many times: a flow's tab with all that it uses (see `flowGraph` in features/flows). */
export interface Graph {
  /** Identifies the content: equal keys are equal graphs. */
  key: string;
  nodes: NodeDef[];
  /** Decrypted credentials by node id. Only those of these nodes. */
  credentials: Record<string, Record<string, unknown>>;
  /**
   * The document that the flow is from. Ids of tabs are unique within one only, so the scope of flow context is
   * `flow:<space>:<tab or subflow instance id>` where it is given.
   */
  space?: string;
}

/** A message as text: JSON with tags for what JSON does not know (dates, buffers, errors …); see snapshot.ts. */
export type Snapshot = string;

export const STEP_STATES = ["queued", "running", "done", "failed", "dropped"] as const;
export type StepState = (typeof STEP_STATES)[number];

/** One write to a context store. `value` undefined: deleted. */
export interface ContextWrite {
  /** `node:<node id>`, `flow:<tab or subflow instance id>` (with a space: `flow:<space>:<id>`) or `global`. */
  scope: string;
  key: string;
  value: Snapshot | undefined;
  /** Of node contexts: 1, 2, 3 … in the order in which the run's steps ended. To be kept. */
  order?: number;
}

/**
 * What changed of a step; the first record of a `seq` has `msg`. The records of a run, in order, are its log: any prefix
 * of it is a state that the run can be gone on with from.
 */
export interface StepRecord {
  /** 1, 2, 3 … within the run, in the order in which messages were sent. */
  seq: number;
  node: string;
  type: string;
  name?: string;
  /** The step that sent the message; null: it started the run. */
  from: number | null;
  /** Output of that step; -1: not by a wire (catch, status, complete, link call); null: it started the run. */
  port: number | null;
  /** When it was sent, milliseconds since 1970. */
  at: number;
  state: StepState;
  /** The message, with the first record only. */
  msg?: Snapshot;
  /** When the node got it. */
  startedAt?: number;
  durationMs?: number;
  error?: { code: string; message: string };
  statusText?: string;
  /** What left by outputs that no wire is on; with the record that ends the step. */
  out?: { port: number; msg: Snapshot }[];
  /** What the step wrote to contexts; with the record that ends it, so that a step that is repeated writes once. */
  context?: ContextWrite[];
}

/**
 * What watchers are told beside the steps:
 * - `debug` {node, name, value, format, property?, topic?}
 * - `log` {node, level: info | warn | error, message}
 * - `node_status` {node, text, fill, shape}
 * - `interruption` {from, to}: first of all when a run is gone on with
 */
export interface EngineEvent {
  type: string;
  data: Record<string, unknown>;
}

/** Where a run begins. */
export interface Start {
  node: string;
  /** Undefined: the node makes its message itself (inject with its own properties). */
  msg?: Snapshot;
  /** Overrides of the message that an inject node makes: property → value, JSON. */
  set?: Record<string, unknown>;
}

/** What a run is given that was interrupted: everything that is durable of it. */
export interface RunLog {
  /** Latest record of each step, ordered by `seq`, each with its `msg`. */
  steps: (StepRecord & { msg: Snapshot })[];
  /**
   * Earlier times in which the run was not executed, milliseconds since 1970, in order: what the events `interruption`
   * said. Timers did not run on in them. Without it a run that is interrupted twice may see its timers end early.
   */
  gaps?: { from: number; to: number }[];
}

/** The last word on a run. */
export type RunOutcome =
  | { status: "completed"; output: unknown }
  | { status: "failed"; error: { code: string; message: string } }
  /** It can only go on with answers that may take long (`waits`: call ids); nothing else of it is at work. */
  | { status: "waiting"; waits: CallRef[] };

/** Identifies a call: the n-th of a step, 1, 2 …; the same again when the step is repeated after a crash. */
export interface CallRef {
  step: number;
  n: number;
}

/** Operations that a node asks the host for; args and answers are JSON, their shapes are in the OSF client's types. */
export const CALL_OPS = [
  "tool.call",
  "tool.list",
  "llm.complete",
  "agent.run",
  "flow.run",
  "approval.request",
  "http.reply",
] as const;
export type CallOp = (typeof CALL_OPS)[number];

/** What the engine needs of its host. Everything is per run; `runId` tells which. */
export interface EngineHost {
  /**
   * Takes what happened, in order; what comes in one call is kept together or not at all. A promise: too much is not yet
   * durable; the run delivers no further message before it resolves.
   */
  record(runId: string, steps: StepRecord[], events: EngineEvent[]): void | Promise<void>;
  /** Resolves when everything recorded for the run so far is durable. Awaited before and after what acts outside. */
  commit(runId: string): Promise<void>;
  /**
   * Asks for something outside. The host commits before and after, so the same CallRef is answered once and for all.
   * Rejects with an Error that has `code` and a message for people.
   */
  call(runId: string, ref: CallRef, op: CallOp, args: unknown): Promise<unknown>;
}

/** Bounds of one run. */
export interface RunLimits {
  /** Steps in all. */
  steps: number;
  /** Messages that wait for their turn. */
  queued: number;
  /** Characters of one message. */
  messageChars: number;
  /** Milliseconds that code of a function node may keep the processor at a stretch. */
  cpuMs: number;
  /** Megabytes of an isolate. */
  isolateMb: number;
}
export const RUN_LIMITS: RunLimits = {
  steps: 100_000,
  queued: 10_000,
  messageChars: 5_000_000,
  cpuMs: 5_000,
  isolateMb: 128,
};
