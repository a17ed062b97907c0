import type { ContextWrite, StepRecord } from "#server/engine/contract.ts";
import type { Pace, PoolOptions, RunEnd, RunHost, RunJob } from "./pool.ts";
import type { FromRunner } from "./protocol.ts";
import { RunnerProcess, type Death, type KillCause } from "./runner-process.ts";
import { failureOf } from "./serve-runner.ts";

/** Graphs that a runner keeps planned. */
const MAX_PLANS = 50;

interface Active {
  job: RunJob;
  host: RunHost;
  finish(end: RunEnd): void;
}

export interface RunnerParts extends Pick<PoolOptions, "limits" | "allowPrivateHosts" | "contexts" | "log" | "entry"> {
  pace: Pace;
  memoryMb: number;
  onReady(): void;
  /** It may be able to take a run that it could not take before. */
  onFree(): void;
  /** Runs in it wrote to flow or global context. */
  onContext(writes: ContextWrite[]): void;
  onEnd(death: Death): void;
}

/** A runner with its runs: belongs to nobody first, then to one workspace, never to another. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #process: RunnerProcess;
  readonly #runs = new Map<string, Active>();
  /** Cut off, and not yet known to be still. */
  readonly #dropping = new Map<string, NodeJS.Timeout>();
  readonly #planned = new Set<string>();
  readonly gone: Promise<void>;
  workspaceId: string | null = null;
  idleSince = performance.now();
  wasReady = false;
  #alone = false;
  #retired = false;
  #ended = false;
  #silentMs = 0;
  #pinged = false;
  /** What has to wait for the contexts of the workspace. */
  #contexts: Promise<void> | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    let gone: () => void = () => undefined;
    this.gone = new Promise((resolve) => (gone = resolve));
    this.#process = new RunnerProcess({
      ...parts,
      hear: (message) => this.#hear(message),
      ended: (death) => {
        this.#died(death);
        gone();
      },
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }
  get runs(): number {
    return this.#runs.size;
  }
  get memoryMb(): number {
    return this.#process.memoryMb;
  }
  get takesMore(): boolean {
    return !this.#alone && !this.#retired && !this.#ended;
  }
  get idle(): boolean {
    return this.workspaceId !== null && this.#runs.size === 0 && !this.#ended;
  }

  assign(workspaceId: string, alone: boolean): void {
    this.workspaceId = workspaceId;
    this.#alone = alone;
    this.idleSince = performance.now();
    const { contexts, log } = this.#parts;
    const loaded = contexts(workspaceId).then((writes) => this.#process.say({ type: "context", writes, whole: true }));
    this.#contexts = loaded.then(
      () => (this.#contexts = undefined),
      (err: unknown) => {
        log.warn({ err, workspaceId }, "the contexts of a workspace could not be loaded");
        this.end("without contexts nothing can run in it");
      },
    );
  }

  /** Takes no further run; ends with its last one. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#runs.size === 0) this.end("it had grown");
  }

  end(detail: string): void {
    this.#kill("ended", detail);
  }

  setContext(writes: ContextWrite[]): void {
    void Promise.resolve(this.#contexts).then(() => this.#process.say({ type: "context", writes, whole: false }));
  }

  execute(job: RunJob, host: RunHost, signal: AbortSignal): Promise<RunEnd> {
    const { runId, graph } = job;
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.#drop(runId);
        this.#leave(runId);
        reject(signal.reason as Error);
      };
      const finish = (end: RunEnd) => {
        signal.removeEventListener("abort", aborted);
        this.#leave(runId);
        resolve(end);
      };
      if (this.#ended) return resolve({ type: "interrupted", reason: "the runner ended before the run began" });
      this.#runs.set(runId, { job, host, finish });
      signal.addEventListener("abort", aborted);
      const begin = () => {
        if (this.#runs.get(runId)?.finish !== finish) return;
        this.#plan(job);
        const { start, log, alone } = job;
        this.#process.say({
          type: "run",
          runId,
          graph: graph.key,
          start,
          ...(log ? { log } : {}),
          ...(alone ? { alone } : {}),
        });
      };
      if (this.#contexts) void this.#contexts.then(begin);
      else begin();
    });
  }

  /** `passed`: milliseconds since the last beat. */
  beat(passed: number): void {
    const { pace, memoryMb } = this.#parts;
    if (this.#process.measure() > memoryMb)
      return this.#kill("memory", `${this.memoryMb} MB, more than ${memoryMb} MB`);
    if (this.idle && performance.now() - this.idleSince > pace.idleMs) return this.end("it had nothing to do");
    if (!this.#pinged) {
      this.#pinged = true;
      this.#silentMs = 0;
      this.#process.say({ type: "ping", id: 0 });
      return;
    }
    this.#silentMs += passed;
    const patience = this.wasReady ? pace.stallMs : pace.startMs;
    if (this.#silentMs > patience) this.#kill("stalled", `no answer for ${Math.round(this.#silentMs)} ms`);
  }

  #plan({ graph, workspaceId }: RunJob): void {
    if (workspaceId !== this.workspaceId) throw new Error("a runner serves one workspace"); // a mistake of the pool
    if (this.#planned.delete(graph.key)) return void this.#planned.add(graph.key); // the last one used is the last
    this.#process.say({ type: "plan", graph });
    this.#planned.add(graph.key);
    if (this.#planned.size <= MAX_PLANS) return;
    const inUse = new Set([...this.#runs.values()].map(({ job }) => job.graph.key));
    const oldest = [...this.#planned].find((key) => !inUse.has(key));
    if (oldest === undefined) return;
    this.#planned.delete(oldest);
    this.#process.say({ type: "forget", graph: oldest });
  }

  #hear(message: FromRunner): void {
    this.#silentMs = 0;
    switch (message.type) {
      case "ready":
        this.wasReady = true;
        return this.#parts.onReady();
      case "pong":
        this.#pinged = false;
        return;
      case "log":
        return this.#parts.log[message.level]({ pid: this.pid, workspaceId: this.workspaceId }, message.message);
      case "dropped":
        clearTimeout(this.#dropping.get(message.runId));
        this.#dropping.delete(message.runId);
        return;
      case "refused":
        this.#planned.delete(message.graph);
        for (const { job, finish } of this.#runs.values())
          if (job.graph.key === message.graph) finish({ type: "refused", error: message.error });
        return;
      case "ended":
        return this.#runs.get(message.runId)?.finish({ type: "ended", outcome: message.outcome });
      case "interrupted":
        return this.#runs.get(message.runId)?.finish({ type: "interrupted", reason: message.reason });
      case "records":
        return this.#record(message);
      case "call":
        return this.#call(message);
    }
  }

  #record({ runId, steps, events, mark }: Extract<FromRunner, { type: "records" }>): void {
    const active = this.#runs.get(runId);
    if (!active) return;
    active.host.record(steps, events);
    const writes = sharedWrites(steps);
    if (writes.length > 0) this.#parts.onContext(writes);
    if (mark === undefined) return;
    active.host.commit().then(
      () => this.#process.say({ type: "committed", runId, mark }),
      () => undefined, // the run was lost: whoever holds it has aborted it
    );
  }

  #call({ runId, ref, op, args }: Extract<FromRunner, { type: "call" }>): void {
    const active = this.#runs.get(runId);
    if (!active) return;
    active.host.call(ref, op, args).then(
      (value) => this.#process.say({ type: "answer", runId, ref, ok: true, value }),
      (error: unknown) => this.#process.say({ type: "answer", runId, ref, ok: false, error: failureOf(error) }),
    );
  }

  /** Cuts the run off; a runner in which it does not come to rest soon is ended. */
  #drop(runId: string): void {
    if (this.#ended || this.#contexts) return; // not yet told of it
    this.#process.say({ type: "drop", runId });
    clearTimeout(this.#dropping.get(runId));
    this.#dropping.set(
      runId,
      setTimeout(() => this.end("a run in it did not stop when it was told to"), this.#parts.pace.dropMs),
    );
  }

  #leave(runId: string): void {
    this.#runs.delete(runId);
    if (this.#runs.size > 0 || this.#ended) return;
    this.idleSince = performance.now();
    if (this.#alone || this.#retired) this.end("its last run is over");
    else this.#parts.onFree();
  }

  #kill(cause: KillCause, detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#process.kill(cause, detail);
  }

  #died(death: Death): void {
    this.#ended = true;
    for (const timer of this.#dropping.values()) clearTimeout(timer);
    const company = this.#runs.size - 1;
    const end: RunEnd = this.wasReady
      ? death.cause === "ended"
        ? { type: "interrupted", reason: death.detail }
        : { type: "died", death, company }
      : { type: "interrupted", reason: `its runner did not start: ${death.detail}` };
    for (const { finish } of this.#runs.values()) finish(end);
    this.#parts.onEnd(death);
  }
}

/** What goes beyond the run: flow and global context. */
const sharedWrites = (steps: readonly StepRecord[]): ContextWrite[] =>
  steps.flatMap(({ context = [] }) => context.filter(({ scope }) => !scope.startsWith("node:")));
