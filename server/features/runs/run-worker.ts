import type { Run } from "#server/generated/prisma/client.ts";
import { AppError, isDatabaseAway } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { LeaseLost } from "./append-events.ts";
import { claimRun, findAbandoned, LEASE_MS, MAX_ATTEMPTS, releaseRun, renewLeases, type Claim } from "./claim-run.ts";
import { endRun, type Ending } from "./end-run.ts";
import { cancelTopic, eventView, queueTopic } from "./events.ts";
import type { RunExecutor, RunSettler, Starter } from "./kinds.ts";
import { RunWriter } from "./run-writer.ts";

type WorkerDeps = Pick<Deps, "db" | "sql" | "live" | "jobs" | "log" | "settings">;

interface Active {
  claim: Claim;
  abort: AbortController;
  ended: Promise<void>;
}

class Shutdown extends Error {}
class TimedOut extends Error {}

/**
 * Executes runs: takes them by lease, keeps the lease, takes over those of dead workers within 5 s, and gives
 * unfinished ones back at shutdown. Any number of workers work side by side.
 */
export class RunWorker {
  readonly #deps: WorkerDeps;
  readonly #executors: readonly RunExecutor[];
  readonly #settlers: readonly RunSettler[];
  readonly #capacity: number;
  readonly #tendMs: number;
  readonly #active = new Map<string, Active>();
  readonly #freed: (() => void)[] = [];
  #timers: NodeJS.Timeout[] = [];
  #offCancel: () => void = () => undefined;
  #stopping = false;
  #tending = false;

  constructor(
    deps: WorkerDeps,
    kinds: { executors: readonly RunExecutor[]; settlers: readonly RunSettler[] },
    { capacity = 64, tendMs = LEASE_MS / 4 } = {},
  ) {
    this.#deps = deps;
    this.#executors = kinds.executors;
    this.#settlers = kinds.settlers;
    this.#capacity = capacity;
    this.#tendMs = tendMs;
  }

  get active(): number {
    return this.#active.size;
  }

  async start(): Promise<void> {
    this.#offCancel = this.#deps.live.subscribe(cancelTopic, (runId) =>
      this.#active.get(runId)?.abort.abort(new LeaseLost("cancelled")),
    );
    this.#deps.live.subscribe(queueTopic, () => void this.#tend());
    await this.#tend();
    this.#timers = [setInterval(() => void this.#tend(), this.#tendMs)];
  }

  /**
   * Takes no more runs, lets those at work finish for `graceMs`, gives the others back to be resumed. What cannot even
   * be given back within `giveUpMs`, because the database is away, is left to the end of its lease.
   */
  async stop(graceMs: number, giveUpMs = 5_000): Promise<void> {
    this.#stopping = true;
    for (const free of this.#freed.splice(0)) free();
    await this.#allEnded(graceMs);
    for (const { abort } of this.#active.values()) abort.abort(new Shutdown("the worker stops"));
    await this.#allEnded(giveUpMs);
    for (const interval of this.#timers) clearInterval(interval);
    this.#offCancel();
  }

  async #allEnded(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((done) => (timer = setTimeout(done, withinMs)));
    await Promise.race([Promise.all([...this.#active.values()].map(({ ended }) => ended)), late]);
    clearTimeout(timer);
  }

  /** Waits for a free place, then starts the run. */
  async #take(runId: string): Promise<void> {
    while (this.#active.size >= this.#capacity && !this.#stopping)
      await new Promise<void>((free) => this.#freed.push(free));
    await this.#begin(runId);
    if (this.#active.size < this.#capacity) this.#freed.shift()?.(); // the place was not needed after all
  }

  /** Starts the run where it is to be had, and returns: the run itself goes on beside. */
  async #begin(runId: string): Promise<void> {
    if (this.#stopping || this.#active.has(runId)) return;
    const claim = await claimRun(this.#deps.sql, runId);
    if (!claim) return;
    if (this.#stopping) return releaseRun(this.#deps.sql, claim);
    const abort = new AbortController();
    const ended = this.#run(claim, abort)
      .catch((err: unknown) => this.#deps.log.error({ err, runId }, "run left unfinished; it will be taken up again"))
      .finally(() => {
        this.#active.delete(runId);
        this.#freed.shift()?.();
      });
    this.#active.set(runId, { claim, abort, ended });
  }

  /** Keeps what is held, and looks for what nobody holds. */
  async #tend(): Promise<void> {
    if (this.#tending) return;
    this.#tending = true;
    try {
      const held = [...this.#active.values()];
      if (held.length > 0) {
        const kept = await renewLeases(
          this.#deps.sql,
          held.map(({ claim }) => claim),
        );
        for (const { claim, abort } of held) if (!kept.has(claim.runId)) abort.abort(new LeaseLost("taken over"));
      }
      // Never waits for a place: while this waits nobody renews.
      const free = this.#stopping ? 0 : this.#capacity - this.#active.size;
      if (free > 0) for (const runId of await findAbandoned(this.#deps.sql, free)) await this.#begin(runId);
    } catch (err) {
      if (!isDatabaseAway(err)) this.#deps.log.error({ err }, "tending runs failed");
    } finally {
      this.#tending = false;
    }
  }

  async #run(claim: Claim, abort: AbortController): Promise<void> {
    const { db, sql, log, settings } = this.#deps;
    const run = await db.run.findUniqueOrThrow({ where: { id: claim.runId } });
    const history =
      run.lastSeq > 0
        ? (await db.runEvent.findMany({ where: { runId: run.id }, orderBy: { seq: "asc" } })).map(eventView)
        : [];
    const writer = new RunWriter(sql, { id: run.id, leaseToken: claim.leaseToken, lastSeq: run.lastSeq }, (error) =>
      abort.abort(error),
    );
    const left = (run.startedAt?.getTime() ?? Date.now()) + settings.executionTimeoutMs - Date.now();
    const timeout = setTimeout(() => abort.abort(new TimedOut()), Math.max(left, 0));
    const runLog = log.child({ runId: run.id, kind: run.kind });
    try {
      const ending = await this.#execute(run, history, writer, abort.signal, runLog);
      if (ending) await this.#end(claim, ending);
      else await releaseRun(sql, claim);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
    } finally {
      clearTimeout(timeout);
      writer.discard();
    }
  }

  /** Null: to be gone on with by another worker. Throws LeaseLost when the run is no longer ours. */
  async #execute(
    run: Run,
    history: ReturnType<typeof eventView>[],
    writer: RunWriter,
    signal: AbortSignal,
    log: WorkerDeps["log"],
  ): Promise<Ending | null> {
    const executor = this.#executors.find(({ kind }) => kind === run.kind);
    try {
      if (!executor) throw new AppError("bug", "run.kind", `Nothing here can execute a run of the kind ${run.kind}`);
      if (run.attempt > MAX_ATTEMPTS)
        throw new AppError(
          "bug",
          "run.poisonous",
          `This run was given up: it was interrupted ${run.attempt - 1} times before it could finish`,
        );
      const { requestId, scopes = null, ...actor } = run.actor as unknown as Starter; // written by startRun alone
      writer.emit("status", { status: "running", attempt: run.attempt, ...(requestId ? { requestId } : {}) });
      const result = await executor.execute({
        run,
        actor,
        scopes,
        requestId,
        history,
        signal,
        log,
        emit: (type, data) => writer.emit(type, data),
        commit: () => writer.commit(),
      });
      await writer.commit();
      return { status: "completed", ...result };
    } catch (error) {
      if (signal.reason instanceof Shutdown) return writer.commit().then(() => null);
      if (signal.reason instanceof TimedOut) {
        await writer.commit();
        return {
          status: "timed_out",
          error: {
            code: "run.timeout",
            message: `This took longer than ${this.#deps.settings.executionTimeoutMs / 1_000} s and was ended`,
          },
        };
      }
      if (signal.aborted)
        throw signal.reason instanceof LeaseLost ? signal.reason : new LeaseLost(String(signal.reason));
      await writer.commit();
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

  async #end(claim: Claim, ending: Ending): Promise<void> {
    for (;;) {
      try {
        await this.#deps.db.$transaction((tx) => endRun(tx, this.#settlers, claim.runId, claim.leaseToken, ending));
        return;
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        await new Promise((again) => setTimeout(again, 500));
      }
    }
  }
}
