import type { Pool } from "pg";
import type { Run } from "#server/generated/prisma/client.ts";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { attemptRun, Shutdown, type Underway } from "./attempt-run.ts";
import { claimRuns, renewLeases, requeueAbandoned, type Load } from "./claim-runs.ts";
import { cancelTopic, queueTopic, resumeTopic } from "./events.ts";
import { GroupWriter } from "./group-writer.ts";
import type { RunExecutor, RunSettler } from "./kinds.ts";
import { LEASE_MS, LeaseLost } from "./lease.ts";
import { createSecrets, type Secrets } from "./secrets.ts";
import { MAX_DEPTH } from "./start-run.ts";
import { openWorkerPool } from "./worker-pool.ts";

type WorkerDeps = Pick<Deps, "db" | "sql" | "live" | "log" | "settings">;

interface Active extends Underway {
  run: Run;
  ended: Promise<void>;
}

/** Claims are not made more often than this: runs that are started in quick succession are taken together. */
const CLAIM_EVERY_MS = 4;

/**
 * Executes runs: takes them from the queue by lease, keeps the lease, takes over those of dead workers within 5 s, and
 * gives unfinished ones back at shutdown. Any number of workers work side by side. `capacity`: places for runs of one
 * depth (sub-flows have places of their own); one workspace gets three quarters of them at most.
 */
export class RunWorker {
  readonly #deps: WorkerDeps;
  readonly #executors: readonly RunExecutor[];
  readonly #settlers: readonly RunSettler[];
  readonly #capacity: number;
  readonly #share: number;
  readonly #tendMs: number;
  readonly #sql: Pool;
  readonly #secrets: Secrets;
  readonly #writer: GroupWriter;
  readonly #active = new Map<string, Active>();
  #timers: NodeJS.Timeout[] = [];
  #off: (() => void)[] = [];
  #stopping = false;
  #tending = false;
  #claiming = false;
  /** Something may have come into the queue since the claim that is under way began. */
  #again = false;
  /** At the last claim somebody had no place left: a run that ends makes one. */
  #short = false;
  #lastClaim = 0;
  /** How many runs were let go of: a claim that they ended beside did not know of their places. */
  #ended = 0;

  constructor(
    deps: WorkerDeps,
    kinds: { executors: readonly RunExecutor[]; settlers: readonly RunSettler[] },
    { capacity = 128, tendMs = LEASE_MS / 4 } = {},
  ) {
    this.#deps = deps;
    this.#executors = kinds.executors;
    this.#settlers = kinds.settlers;
    this.#capacity = capacity;
    this.#share = Math.ceil(capacity * 0.75);
    this.#tendMs = tendMs;
    this.#sql = openWorkerPool(deps);
    this.#secrets = createSecrets(deps.settings.jwtSecret);
    this.#writer = new GroupWriter(this.#sql, this.#secrets);
  }

  get active(): number {
    return this.#active.size;
  }

  async start(): Promise<void> {
    const { live } = this.#deps;
    this.#off = [
      live.subscribe(cancelTopic, (runId) => this.#active.get(runId)?.abort.abort(new LeaseLost("cancelled"))),
      live.subscribe(resumeTopic, (runId) => this.#active.get(runId)?.heard()),
      live.subscribe(queueTopic, () => this.#look()),
      live.onGap(() => {
        for (const { heard } of this.#active.values()) heard();
        this.#look();
      }),
    ];
    await this.#tend();
    this.#timers = [setInterval(() => void this.#tend(), this.#tendMs)];
  }

  /**
   * Takes no more runs, lets those at work finish for `graceMs`, gives the others back to be resumed. What cannot even
   * be given back within `giveUpMs`, because the database is away, is left to the end of its lease.
   */
  async stop(graceMs: number, giveUpMs = 5_000): Promise<void> {
    this.#stopping = true;
    await this.#allEnded(graceMs);
    for (const { abort } of this.#active.values()) abort.abort(new Shutdown("the worker stops"));
    await this.#allEnded(giveUpMs);
    for (const interval of this.#timers) clearInterval(interval);
    for (const off of this.#off) off();
    void this.#sql.end().catch(() => undefined); // not waited for: a database that is away does not say farewell
  }

  async #allEnded(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((done) => (timer = setTimeout(done, withinMs)));
    await Promise.race([Promise.all([...this.#active.values()].map(({ ended }) => ended)), late]);
    clearTimeout(timer);
  }

  /** Keeps what is held, and puts back into the queue what nobody holds. */
  async #tend(): Promise<void> {
    if (this.#tending) return;
    this.#tending = true;
    try {
      const held = [...this.#active.values()];
      if (held.length > 0) {
        const kept = await renewLeases(
          this.#sql,
          held.map(({ run, leaseToken }) => ({ runId: run.id, leaseToken })),
        );
        for (const { run, abort } of held) if (!kept.has(run.id)) abort.abort(new LeaseLost("taken over"));
      }
      if (this.#stopping) return;
      await requeueAbandoned(this.#sql);
      this.#look();
    } catch (err) {
      if (!isDatabaseAway(err)) this.#deps.log.error({ err }, "tending runs failed");
    } finally {
      this.#tending = false;
    }
  }

  /** Takes what there is room for, again and again while there is more; one claim at a time. */
  #look(): void {
    this.#again = true;
    if (this.#claiming || this.#stopping) return;
    this.#claiming = true;
    void this.#claimAll();
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#again && !this.#stopping) {
        this.#again = false;
        const rest = this.#lastClaim + CLAIM_EVERY_MS - performance.now();
        if (rest > 0) await new Promise((done) => setTimeout(done, rest));
        const room = this.#room();
        const ended = this.#ended;
        const { runs, more } = await claimRuns(this.#sql, { ...room, share: this.#share });
        this.#lastClaim = performance.now();
        for (const run of runs) this.#begin(run);
        // Whether somebody has no place left, as far as this claim could know of.
        this.#short = isShort(room, this.#share, runs);
        if (more || (this.#short && this.#ended !== ended)) this.#again = true;
      }
    } catch (err) {
      if (!isDatabaseAway(err)) this.#deps.log.error({ err }, "taking runs failed");
    } finally {
      this.#claiming = false; // in the very turn in which `#again` was found false
    }
  }

  #room(): { free: number[]; load: Load[] } {
    const free = Array.from({ length: MAX_DEPTH + 1 }, () => this.#capacity);
    const load: Load[] = [];
    for (const { run } of this.#active.values()) {
      free[run.depth] = Math.max(0, (free[run.depth] ?? 0) - 1);
      addTo(load, run);
    }
    return { free, load };
  }

  #begin(run: Run): void {
    const { log } = this.#deps;
    const leaseToken = run.leaseToken ?? "";
    const listeners = new Set<() => void>();
    const underway: Underway = {
      leaseToken,
      abort: new AbortController(),
      listeners,
      heard: () => listeners.forEach((heard) => heard()),
    };
    if (this.#stopping) underway.abort.abort(new Shutdown("the worker stops"));
    const parts = {
      ...this.#deps,
      executors: this.#executors,
      settlers: this.#settlers,
      writer: this.#writer,
      secrets: this.#secrets,
    };
    const active: Active = { ...underway, run, ended: Promise.resolve() };
    active.ended = attemptRun(parts, run, underway)
      .catch((err: unknown) => log.error({ err, runId: run.id }, "run left unfinished; it will be taken up again"))
      .finally(() => {
        // A run that was suspended and decided in one may have been taken again before this attempt heard that it is over.
        if (this.#active.get(run.id) === active) this.#active.delete(run.id);
        this.#ended++;
        if (this.#short) this.#look();
      });
    this.#active.set(run.id, active);
  }
}

function addTo(load: Load[], { depth, workspaceId }: Run): Load {
  let one = load.find((other) => other.depth === depth && other.workspaceId === workspaceId);
  if (!one) load.push((one = { depth, workspaceId, runs: 0 }));
  one.runs++;
  return one;
}

/** Whether there is a depth without a free place, or a workspace that has its share, once these were taken. */
function isShort({ free, load }: { free: number[]; load: Load[] }, share: number, taken: readonly Run[]): boolean {
  for (const run of taken) {
    addTo(load, run);
    free[run.depth] = (free[run.depth] ?? 0) - 1;
  }
  return free.some((places) => places <= 0) || load.some(({ runs }) => runs >= share);
}
