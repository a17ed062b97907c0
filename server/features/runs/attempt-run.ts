import type { Run } from "#server/generated/prisma/client.ts";
import { AppError, isDatabaseAway } from "#server/kernel/errors.ts";
import { ROLES } from "#server/kernel/permissions.ts";
import type { Deps } from "../deps.ts";
import { releaseRun } from "./claim-runs.ts";
import { endRun, type Ending } from "./end-run.ts";
import { eventView } from "./events.ts";
import type { GroupWriter } from "./group-writer.ts";
import type { Execution, RunExecutor, RunSettler, Starter, Suspension } from "./kinds.ts";
import { LeaseLost } from "./lease.ts";
import type { RunLogger } from "./open-run.ts";
import { readCalls, readRunLog } from "./read-log.ts";
import { restedMs } from "./rested.ts";
import type { RunEventView } from "./schema.ts";
import type { Secrets } from "./secrets.ts";
import { suspendRun } from "./suspend-run.ts";

/** Takeovers after which a run is held to be what kills its workers. */
const MAX_ATTEMPTS = 6;

export class Shutdown extends Error {}
class TimedOut extends Error {}

export interface AttemptDeps extends Pick<Deps, "db" | "sql" | "log" | "settings"> {
  executors: readonly RunExecutor[];
  settlers: readonly RunSettler[];
  writer: GroupWriter;
  secrets: Secrets;
}

/** A run as the worker that holds it can reach it. */
export interface Underway {
  leaseToken: string;
  abort: AbortController;
  /** Who wants to know that something was decided. */
  listeners: Set<() => void>;
  heard(): void;
}

/** Executes a run that was claimed, until it ended, was suspended, given back or lost. */
export async function attemptRun(deps: AttemptDeps, run: Run, underway: Underway): Promise<void> {
  const { leaseToken, abort } = underway;
  const { requestId } = run.actor as unknown as Starter; // written by startRun alone
  const executor = deps.executors.find(({ kind }) => kind === run.kind);
  const fromSteps = executor?.resumesFrom === "steps";
  const { id, workspaceId, kind, userId, lastSeq } = run;
  const logger = deps.writer.open(
    { id, leaseToken, workspaceId, kind, userId, requestId, lastSeq },
    { eager: !fromSteps, onLost: (error) => abort.abort(error) },
  );
  let timeout: NodeJS.Timeout | undefined;
  try {
    const history = lastSeq > 0 && !fromSteps ? await eventsOf(deps, id) : [];
    const rest = lastSeq > 0 ? await restedMs(deps, id) : { ms: 0, suspended: false };
    const limitMs = executor?.limitMs ?? deps.settings.executionTimeoutMs;
    const left = (run.startedAt?.getTime() ?? Date.now()) + rest.ms + limitMs - Date.now();
    if (left <= 0) abort.abort(new TimedOut());
    else timeout = setTimeout(() => abort.abort(new TimedOut()), left);
    logger.emit("status", { status: "running", attempt: run.attempt, ...(requestId ? { requestId } : {}) });
    if (rest.suspended) logger.emit("resumed", {});
    const outcome = await execute(deps, executor, run, history, logger, underway);
    if (!outcome) await releaseRun(deps.sql, { runId: id, leaseToken });
    else if ("suspend" in outcome) await suspendRun(deps.sql, run, leaseToken, outcome);
    else if (deps.settlers.some((settler) => settler.kind === kind)) {
      await logger.commit();
      await settle(deps, run, leaseToken, outcome);
    } else await logger.end(outcome);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
  } finally {
    clearTimeout(timeout);
    logger.close();
  }
}

/**
 * Who started a run that goes on, with no more than the role of then and of now: it may have waited for a day. Throws
 * `forbidden` (`auth.role`) where they are no longer in the workspace.
 */
async function standingNow<A extends Pick<Starter, "userId" | "workspaceId" | "role">>(
  { db }: Pick<AttemptDeps, "db">,
  starter: A,
): Promise<A> {
  const { userId, workspaceId, role } = starter;
  const now = await db.membership.findUnique({
    where: { workspaceId_userId: { workspaceId, userId } },
    select: { role: true },
  });
  if (!now) throw new AppError("forbidden", "auth.role", "Whoever started this is no longer a member of the workspace");
  return { ...starter, role: ROLES.indexOf(now.role) < ROLES.indexOf(role) ? now.role : role };
}

const eventsOf = async ({ db }: AttemptDeps, runId: string): Promise<RunEventView[]> =>
  (await db.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } })).map(eventView);

/** Null: to be gone on with by another worker. Throws LeaseLost when the run is no longer ours. */
async function execute(
  deps: AttemptDeps,
  executor: RunExecutor | undefined,
  run: Run,
  history: RunEventView[],
  logger: RunLogger,
  { abort: { signal }, listeners }: Underway,
): Promise<Ending | Suspension | null> {
  const log = deps.log.child({ runId: run.id, kind: run.kind });
  try {
    if (!executor) throw new AppError("bug", "run.kind", `Nothing here can execute a run of the kind ${run.kind}`);
    if (run.attempt > MAX_ATTEMPTS)
      throw new AppError(
        "bug",
        "run.poisonous",
        `This run was given up: it was interrupted ${run.attempt - 1} times before it could finish`,
      );
    signal.throwIfAborted();
    const { requestId, scopes = null, ...starter } = run.actor as unknown as Starter; // written by startRun alone
    const actor = run.lastSeq > 0 ? await standingNow(deps, starter) : starter;
    const durable = async <T>(read: () => Promise<T>) => {
      await logger.commit();
      return read();
    };
    const execution: Execution = {
      run,
      actor,
      scopes,
      requestId,
      history,
      signal,
      log,
      emit: (type, data) => logger.emit(type, data),
      record: (steps) => logger.record(steps),
      call: (call) => logger.call(call),
      commit: () => logger.commit(),
      get backlog() {
        return logger.backlog;
      },
      recorded: () => durable(() => readRunLog(deps, deps.secrets, run.id)),
      calls: () => durable(() => readCalls(deps, deps.secrets, run.id)),
      onResume(heard) {
        listeners.add(heard);
        return () => void listeners.delete(heard);
      },
    };
    const result = await executor.execute(execution);
    if ("suspend" in result) {
      await logger.commit();
      return result;
    }
    return { status: "completed", ...result };
  } catch (error) {
    if (signal.reason instanceof Shutdown) return logger.commit().then(() => null);
    if (signal.reason instanceof TimedOut)
      return {
        status: "timed_out",
        error: {
          code: "run.timeout",
          message: `This took longer than ${(executor?.limitMs ?? deps.settings.executionTimeoutMs) / 1_000} s and was ended`,
        },
      };
    if (signal.aborted) throw signal.reason instanceof LeaseLost ? signal.reason : new LeaseLost(String(signal.reason));
    await logger.commit();
    if (isDatabaseAway(error)) {
      log.warn({ err: error }, "run interrupted: the database was away");
      return null;
    }
    if (error instanceof AppError) {
      log.warn({ err: error, detail: error.hints.detail }, "run failed");
      return { status: "failed", error: { code: error.code, message: error.message } };
    }
    log.error({ err: error }, "run failed by a mistake of ours");
    return {
      status: "failed",
      error: {
        code: "bug",
        message: `This failed because of a mistake in the gateway. Give the run id ${run.id} to an administrator`,
      },
    };
  }
}

/** Ends a run of a kind that has more to store with its end. All that it recorded is durable before. */
async function settle({ db, settlers }: AttemptDeps, run: Run, leaseToken: string, ending: Ending): Promise<void> {
  for (;;) {
    try {
      await db.$transaction((tx) => endRun(tx, settlers, run.id, leaseToken, ending));
      return;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      await new Promise((again) => setTimeout(again, 500));
    }
  }
}
