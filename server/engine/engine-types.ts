import type {
  CallOp,
  ContextWrite,
  EngineEvent,
  EngineHost,
  Graph,
  RunLimits,
  RunLog,
  RunOutcome,
  Start,
} from "#server/engine/contract.ts";
import type { Red } from "#server/engine/facade.ts";
import type { Frame } from "#server/engine/frame.ts";
import type { FlowNode } from "#server/engine/node.ts";
import type { InjectedGlobals } from "#server/engine/injected.ts";

/** Time, so that tests can hold and move it. Milliseconds since 1970. */
export interface EngineClock {
  now(): number;
  /** Returns the function that cancels. */
  after(ms: number, fn: () => void): () => void;
}

export interface EngineOptions {
  host: EngineHost;
  limits?: Partial<RunLimits>;
  /**
   * Implementations of node types in place of the modules of the table; the one called `function` is needed by flows
   * that have such nodes. Instances of them are shared by the runs of a plan.
   */
  overrides?: Record<string, Override>;
  /** Folders of CommonJS packages whose package.json has `"node-red": { "nodes": … }`. */
  packages?: string[];
  /** `RED.settings` beside what the engine sets. */
  settings?: Record<string, unknown>;
  /** Executes the TypeScript of osf-ts; without it that node fails. */
  runCode?: CodeRunner;
  /** Rejects with code `http.private` where osf-http must not go. */
  checkUrl?: (url: string) => Promise<void>;
  clock?: EngineClock;
  /**
   * When records are handed to the host: once a turn of the event loop, merged by step (default), or each by itself (for
   * tests of recovery: every record is a point at which a run can be cut).
   */
  flush?: "turn" | "each";
  /** What nodes say outside any run, such as errors of a constructor. */
  onLog?: (level: "info" | "warn" | "error", message: string) => void;
}

/** Registers node types, as the function that a Node-RED module exports does. */
export type Override = (RED: Red, kit: EngineKit) => void | Promise<void>;

/** What an override needs beside `RED`. */
export interface EngineKit {
  limits: RunLimits;
  /** setTimeout and its relatives, known to the run that sets them: they keep it alive and survive its runner. */
  timers: InjectedGlobals;
  currentFrame(): Frame | undefined;
  inFrame<T>(frame: Frame, fn: () => T): T;
  /** Asks the host on behalf of the frame's step. */
  call(frame: Frame, op: CallOp, args: unknown): Promise<unknown>;
  /**
   * 28 hexadecimal characters, the same when the step is repeated. Ids of calls to link in nodes are to be made by it: what
   * comes back is found again after a crash.
   */
  linkId(): string;
  /** The plan that an instance belongs to. */
  planOf(node: FlowNode): PlanHandle;
  /** Ends the run as `interrupted`: it is to be gone on with from its log. */
  interrupt(runId: string, reason: string): void;
}

/** Lives as long as a plan: a place for what its nodes share (an isolate). */
export interface PlanHandle {
  key: string;
  resources: Map<unknown, unknown>;
  /** Called once, when the plan is forgotten. */
  onClose(fn: () => void): void;
}

/** The body of `async (msg, ctx) => …`; resolves with what it returns. */
export type CodeRunner = (
  node: FlowNode,
  request: { code: string; msg: Record<string, unknown>; timeoutMs: number },
  frame: Frame,
  kit: EngineKit,
) => Promise<unknown>;

export interface StartRun {
  runId: string;
  /** Key of a planned graph. */
  graph: string;
  start: Start;
  /** The run was interrupted: it goes on from here, `start` counts only if the log is empty. */
  log?: RunLog;
  /** False: nothing is recorded and nothing can be gone on with. For measurements. */
  record?: boolean;
  /** Every record is durable before a node acts: for a run that is suspected of killing its process. */
  eager?: boolean;
}

/**
 * How a run left the engine. `dropped`: by `drop`. `interrupted`: it has to be gone on with from its log.
 */
export type Ended = RunOutcome | { status: "dropped" } | { status: "interrupted"; reason: string };

export interface Engine {
  /**
   * Makes a graph ready to run; again with the same key: nothing. Throws AppError (kind `unprocessable`) whose message
   * names the node: `flow.unknown-type`, `flow.pod-only`, `flow.cyclic-config`, `flow.subflow-loop`, `flow.package`.
   */
  plan(graph: Graph): Promise<void>;
  /** Releases what a graph holds. Its runs are dropped. */
  forget(graph: string): Promise<void>;
  /** Executes a run to its end, which is the answer. Throws AppError `flow.not-planned`, `flow.start-node`. */
  start(run: StartRun): Promise<Ended>;
  /** Ends a run at once, without a word to the host. */
  drop(runId: string): void;
  /** Flow and global context of the workspace; `whole`: what is not named is gone. */
  setContexts(writes: ContextWrite[], whole: boolean): void;
  /** Runs that are at work. */
  readonly runs: number;
  /** Drops all runs and forgets all graphs. */
  close(): Promise<void>;
}

export type { EngineEvent };
