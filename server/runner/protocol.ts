import type {
  CallOp,
  CallRef,
  ContextWrite,
  EngineEvent,
  Graph,
  RunLimits,
  RunLog,
  RunOutcome,
  Start,
  StepRecord,
} from "#server/engine/contract.ts";

/**
 * Between the worker and a runner process, over Node's IPC with `serialization: "advanced"`. The worker holds database,
 * secrets and network; the runner holds graphs, node modules and isolates. One runner serves one workspace until it ends.
 * What is said in one turn of the event loop goes as one message: an array, in order (channel.ts).
 */
export type ToRunner =
  /** First message: what it may. */
  | { type: "start"; limits: RunLimits; allowPrivateHosts: string[] }
  /** Contexts of the workspace (flow and global), before its first run and whenever others changed them. */
  | { type: "context"; writes: ContextWrite[]; whole: boolean }
  | { type: "plan"; graph: Graph }
  /** `alone`: the run is suspected of killing its runner, so everything that it begins is durable before it is done. */
  | { type: "run"; runId: string; graph: string; start: Start; log?: RunLog; alone?: boolean }
  | { type: "committed"; runId: string; mark: number }
  | { type: "answer"; runId: string; ref: CallRef; ok: true; value: unknown }
  | { type: "answer"; runId: string; ref: CallRef; ok: false; error: { code: string; message: string } }
  /** Ends a run without a word: it was cancelled, timed out, or goes on elsewhere. */
  | { type: "drop"; runId: string }
  | { type: "forget"; graph: string }
  | { type: "ping"; id: number };

export type FromRunner =
  | { type: "ready"; memoryMb: number }
  /** Records of a run, in order; `mark` set: answer `committed` with it when they are durable. */
  | { type: "records"; runId: string; steps: StepRecord[]; events: EngineEvent[]; mark?: number }
  | { type: "call"; runId: string; ref: CallRef; op: CallOp; args: unknown }
  | { type: "ended"; runId: string; outcome: RunOutcome }
  /** Answers `drop`: nothing of the run is at work any more. */
  | { type: "dropped"; runId: string }
  /** The run cannot go on in this process although the process lives (its isolate ran out of memory beside it). */
  | { type: "interrupted"; runId: string; reason: string }
  | { type: "refused"; graph: string; error: { code: string; message: string } }
  | { type: "pong"; id: number; memoryMb: number }
  | { type: "log"; level: "info" | "warn" | "error"; message: string };
