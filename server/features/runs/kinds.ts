import type { Run } from "#server/generated/prisma/client.ts";
import { recordOf, type Actor, type ActorRecord } from "#server/kernel/actor.ts";
import type { Tx } from "#server/kernel/db.ts";
import type { Log } from "#server/kernel/log.ts";
import type { EndedStatus, RunError, RunEventView, RunKind, RunUsage } from "./schema.ts";

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

/** What an executor is given to work with. */
export interface Execution {
  run: Run;
  actor: ActorRecord;
  scopes: string[] | null;
  /** Of the request that started the run. */
  requestId: string | undefined;
  /** Events of earlier attempts: empty at the first. A resumed executor rebuilds its state from them. */
  history: RunEventView[];
  /** Appends an event; delivered to watchers within about 25 ms. */
  emit(type: string, data: Record<string, unknown>): void;
  /** Resolves when everything emitted so far is durable. Await it before and after each effect. */
  commit(): Promise<void>;
  /** Aborts on cancel, timeout, lost lease and shutdown. */
  signal: AbortSignal;
  log: Log;
}

export interface RunResult {
  output?: unknown;
  usage?: RunUsage;
}

/** How one kind of run is executed. Registered once by the composition root. */
export interface RunExecutor {
  kind: RunKind;
  /** Runs until the end. An AppError that it throws fails the run with that message; an abort is not a failure. */
  execute(execution: Execution): Promise<RunResult>;
}

/** What a kind does in the very transaction that ends its run, whoever ends it; web and worker both register it. */
export interface RunSettler {
  kind: RunKind;
  settle(
    tx: Tx,
    ended: { run: Run; status: EndedStatus; error: RunError | null; events: RunEventView[] },
  ): Promise<void>;
}
