import type { CallRef, RunLog, StepRecord } from "#server/engine/contract.ts";
import type { Run } from "#server/generated/prisma/client.ts";
import { recordOf, type Actor, type ActorRecord } from "#server/kernel/actor.ts";
import type { Tx } from "#server/kernel/db.ts";
import type { Log } from "#server/kernel/log.ts";
import type { EndedStatus, RunError, RunEventView, RunKind, RunUsage, SuspendedStatus } from "./schema.ts";

/** Who started a run, as its row keeps it. */
export interface Starter extends ActorRecord {
  /** What the credential was limited to; null: nothing. A run may do no more than who started it. */
  scopes: string[] | null;
  requestId?: string;
}

export const starterOf = (actor: Actor, requestId?: string): Starter => ({
  ...recordOf(actor),
  scopes: actor.scopes,
  ...(requestId ? { requestId } : {}),
});

/** A request of a step to what lies outside, as its row keeps it. Together, `step` and `n` name it for ever. */
export interface RecordedCall extends CallRef {
  op: string;
  /** JSON. */
  args: unknown;
  /** `answered`: of a turn of chat, which has no steps: a person answered what it asked for, and it has not taken it yet. */
  state: "begun" | "answered" | "done" | "failed";
  /** JSON; of a failed one `{code, message}`. */
  result?: unknown;
}

/** What an executor is given to work with. */
export interface Execution {
  run: Run;
  actor: ActorRecord;
  scopes: string[] | null;
  /** Of the request that started the run. */
  requestId: string | undefined;
  /** Events of earlier attempts: empty at the first. An executor that resumes from events rebuilds its state from them. */
  history: RunEventView[];
  /** Appends an event; delivered to watchers within about 25 ms. */
  emit(type: string, data: Record<string, unknown>): void;
  /**
   * Takes what happened to steps, in order. What is durable is always a beginning of what was recorded; what a step
   * wrote to flow and global context becomes durable together with it, here and for the workspace (FlowContext).
   * Watchers hear of it by events of the type `steps`.
   */
  record(steps: readonly StepRecord[]): void;
  /** Keeps a call: `begun` before it leaves, again with its result. The whole row each time; the last one counts. */
  call(call: RecordedCall): void;
  /** Resolves when everything given so far is durable, rejects when the run was lost. Await it before and after each effect. */
  commit(): Promise<void>;
  /** Characters that are not durable yet, for back-pressure: above some millions await `commit()` before going on. */
  readonly backlog: number;
  /** What is durable of the steps, of this attempt too: what the run goes on from. */
  recorded(): Promise<RunLog>;
  /** The calls that are durable, by step and number. */
  calls(): Promise<RecordedCall[]>;
  /**
   * Calls back when `resumeRun` was called while the run is under way (an approval was decided that it waits for beside
   * other work), and whenever such a call may have been missed. Answers how to end that.
   */
  onResume(heard: () => void): () => void;
  /** Aborts on cancel, timeout, lost lease and shutdown. */
  signal: AbortSignal;
  log: Log;
}

export interface RunResult {
  output?: unknown;
  usage?: RunUsage;
}

/** The run goes on later, after `resumeRun`, anywhere, from what is durable of it. Nothing of it is held meanwhile. */
export interface Suspension {
  suspend: SuspendedStatus;
  /** So far; the resumed run finds it in `run.usage`. */
  usage?: RunUsage;
}

/** How one kind of run is executed. Registered once by the composition root. */
export interface RunExecutor {
  kind: RunKind;
  /** What a resumed run is rebuilt from: its events (default), or what it recorded; `history` is empty then. */
  resumesFrom?: "events" | "steps";
  /** Milliseconds that a run may take, waits for people not counted; default: EXECUTION_TIMEOUT. */
  limitMs?: number;
  /**
   * Runs until the end, or until there is nothing to do but wait. An AppError that it throws fails the run with that
   * message; an abort is not a failure.
   */
  execute(execution: Execution): Promise<RunResult | Suspension>;
}

/** What a kind does in the very transaction that ends its run, whoever ends it; web and worker both register it. */
export interface RunSettler {
  kind: RunKind;
  settle(
    tx: Tx,
    ended: { run: Run; status: EndedStatus; error: RunError | null; events: RunEventView[] },
  ): Promise<void>;
}
