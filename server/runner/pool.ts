import type {
  CallRef,
  CallOp,
  ContextWrite,
  EngineEvent,
  Graph,
  RunLimits,
  RunLog,
  RunOutcome,
  Start,
  StepRecord,
} from "#server/engine/contract.ts";
import type { Log } from "#server/kernel/log.ts";
import type { FromRunner } from "./protocol.ts";
import { Runner } from "./runner-of-workspace.ts";
import type { Death } from "./runner-process.ts";

/** One run, to be executed until it ends, waits or has to go on elsewhere. */
export interface RunJob {
  runId: string;
  workspaceId: string;
  graph: Graph;
  start: Start;
  /** Of a run that was interrupted. */
  log?: RunLog;
  /** In a runner that nothing else is in: the run was in one that died. */
  alone: boolean;
  /** A run that others wait for gets a runner also above the limit, so that they cannot hold up each other. */
  urgent: boolean;
}

/** Who takes what the run says. */
export interface RunHost {
  record(steps: StepRecord[], events: EngineEvent[]): void;
  /** Resolves when everything recorded is durable. */
  commit(): Promise<void>;
  /** Rejects with an Error that has `code`. */
  call(ref: CallRef, op: CallOp, args: unknown): Promise<unknown>;
}

export type RunEnd =
  | { type: "ended"; outcome: RunOutcome }
  /** The graph cannot be executed. */
  | { type: "refused"; error: { code: string; message: string } }
  /** To be gone on with from its log; no fault of the run. */
  | { type: "interrupted"; reason: string }
  /** Its runner died under it. `company`: how many other runs were in there. */
  | { type: "died"; death: Death; company: number };

export interface Pace {
  /** Pings and looks at the memory. */
  beatMs: number;
  /** Silence after which a runner is ended. */
  stallMs: number;
  /** Without a run. */
  idleMs: number;
  /** Until a new one is ready. */
  startMs: number;
  /** Until a run that was dropped is still. */
  dropMs: number;
}

export interface PoolOptions {
  limits: RunLimits;
  allowPrivateHosts: readonly string[];
  /** Kept ready, in all, and megabytes of each. */
  size: { warm: number; limit: number; memoryMb: number };
  /** Flow and global context of a workspace. */
  contexts(workspaceId: string): Promise<ContextWrite[]>;
  log: Log;
  pace?: Partial<Pace>;
  /** Another program than server/runner.ts, for tests. */
  entry?: string;
}

export interface RunnerPool {
  /** Executes the run. An abort drops it within a second, whatever its nodes do, and rejects with the signal's reason. */
  execute(job: RunJob, host: RunHost, signal: AbortSignal): Promise<RunEnd>;
  /** Tells the runners of a workspace what others wrote to its contexts. */
  setContext(workspaceId: string, writes: ContextWrite[]): void;
  /** For the administrator and for tests. */
  runners(): { pid: number | undefined; workspaceId: string | null; runs: number; memoryMb: number; ready: boolean }[];
  /** Ends all runners; what ran in them counts as interrupted. */
  close(): Promise<void>;
}

/** Above this share of its memory a runner takes no further runs and ends with those it has. */
const RETIRE = 0.7;

export function createRunnerPool(options: PoolOptions): RunnerPool {
  const { limits, size, log } = options;
  const pace: Pace = {
    beatMs: 250,
    stallMs: limits.cpuMs + 3_000,
    idleMs: 60_000,
    startMs: 30_000,
    dropMs: 600,
    ...options.pace,
  };
  const runners = new Set<Runner>();
  /** Runs that wait for a runner, in order. */
  let queue: { job: RunJob; take(runner: Runner): void; leave(reason: unknown): void }[] = [];
  let closed = false;
  /** After runners that did not even start: not at once again. */
  let failures = 0;
  let notBefore = 0;

  const spawn = (): Runner => {
    const runner = new Runner({
      ...options,
      pace,
      memoryMb: size.memoryMb,
      onReady: () => (failures = 0),
      onFree: () => serve(),
      onContext: (writes) => share(runner, writes),
      onEnd(death) {
        runners.delete(runner);
        if (death.cause !== "ended")
          log.warn({ pid: runner.pid, ...death, workspaceId: runner.workspaceId }, "a runner ended");
        if (!runner.wasReady && death.cause !== "ended") {
          failures++;
          notBefore = Date.now() + Math.min(200 * 2 ** failures, 10_000);
        }
        serve();
      },
    });
    runners.add(runner);
    return runner;
  };

  const share = (from: Runner, writes: ContextWrite[]) => {
    for (const other of runners) if (other !== from && other.workspaceId === from.workspaceId) other.setContext(writes);
  };

  /** A runner for the job; undefined: none is to be had now. */
  const find = (job: RunJob): Runner | undefined => {
    if (!job.alone)
      for (const runner of runners) if (runner.workspaceId === job.workspaceId && runner.takesMore) return runner;
    let free: Runner | undefined;
    for (const runner of runners) if (runner.workspaceId === null && (!free || runner.wasReady)) free = runner;
    if (!free && Date.now() >= notBefore) {
      if (runners.size >= size.limit && !job.urgent) {
        // Ends the one that has had nothing to do for longest; its end serves the queue again.
        const [idle] = [...runners].filter((runner) => runner.idle).sort((a, b) => a.idleSince - b.idleSince);
        idle?.end("its place was needed");
        return undefined;
      }
      free = spawn();
    }
    free?.assign(job.workspaceId, job.alone);
    return free;
  };

  const serve = () => {
    if (closed) return;
    const left: typeof queue = [];
    // One that cannot be served may be overtaken by those whose workspace has a runner already.
    for (const waiting of queue) {
      const runner = find(waiting.job);
      if (runner) waiting.take(runner);
      else left.push(waiting);
    }
    queue = left;
    if (queue.length > 0 || Date.now() < notBefore) return;
    const warm = [...runners].filter((runner) => runner.workspaceId === null).length;
    for (let missing = size.warm - warm; missing > 0 && runners.size < size.limit; missing--) spawn();
  };

  const runnerFor = (job: RunJob, signal: AbortSignal): Promise<Runner> =>
    new Promise((resolve, reject) => {
      const off = () => signal.removeEventListener("abort", given);
      const waiting = {
        job,
        take: (runner: Runner) => (off(), resolve(runner)),
        leave: (reason: unknown) => (off(), reject(reason as Error)),
      };
      const given = () => {
        queue = queue.filter((one) => one !== waiting);
        waiting.leave(signal.reason);
      };
      signal.addEventListener("abort", given);
      queue.push(waiting);
      serve();
    });

  let last = performance.now();
  const beat = setInterval(() => {
    const now = performance.now();
    // When this process itself was held up, the runners' answers lie unread: that is no silence of theirs.
    const passed = Math.min(now - last, 2 * pace.beatMs);
    last = now;
    for (const runner of runners) runner.beat(passed);
    for (const runner of runners) if (runner.memoryMb > size.memoryMb * RETIRE) runner.retire();
    serve();
  }, pace.beatMs);
  serve();

  return {
    async execute(job, host, signal) {
      signal.throwIfAborted();
      if (closed) return { type: "interrupted", reason: "the worker stops" };
      const runner = await runnerFor(job, signal);
      return runner.execute(job, host, signal);
    },
    setContext(workspaceId, writes) {
      for (const runner of runners) if (runner.workspaceId === workspaceId) runner.setContext(writes);
    },
    runners: () =>
      [...runners].map(({ pid, workspaceId, runs, memoryMb, wasReady: ready }) => ({
        pid,
        workspaceId,
        runs,
        memoryMb,
        ready,
      })),
    async close() {
      closed = true;
      clearInterval(beat);
      for (const { leave } of queue.splice(0)) leave(new Error("the runners are closed"));
      const ends = [...runners].map((runner) => runner.gone);
      for (const runner of runners) runner.end("the worker stops");
      await Promise.all(ends);
    },
  };
}

export type { FromRunner };
