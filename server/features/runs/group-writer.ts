import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import type { StepRecord } from "#server/engine/contract.ts";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import type { Ending } from "./end-run.ts";
import type { RecordedCall } from "./kinds.ts";
import { LeaseLost } from "./lease.ts";
import { addCall, addEvent, addStep, emptyPending, type Pending } from "./pending.ts";
import type { Secrets } from "./secrets.ts";
import { writeParts, type Held, type Part } from "./write-parts.ts";

const GATHER_MS = 25;
/** Bounds of one statement: runs, and about how many characters. One run's part is never divided. */
const MAX_RUNS = 200;
const MAX_SIZE = 8_000_000;
/** Above it a run's part is closed, and what follows goes with the next write. */
const PART_SIZE = 4_000_000;

/** A run that is written to. What it is given becomes durable in order, in as few writes as there can be. */
export interface RunLogger {
  emit(type: string, data: Record<string, unknown>): void;
  record(steps: readonly StepRecord[]): void;
  call(call: RecordedCall): void;
  /** Resolves when everything given so far is durable; rejects with LeaseLost when the run was lost. */
  commit(): Promise<void>;
  /** Ends the run with everything given so far: the last write. */
  end(ending: Ending): Promise<void>;
  /** Number of the last durable event. */
  readonly lastSeq: number;
  /** Characters that are not durable yet. */
  readonly backlog: number;
  /** Drops what is not yet written and takes no more. */
  close(): void;
}

/**
 * Writes what all runs of this process record, together: one statement at a time, and while it is under way the next
 * one gathers. It begins at once when somebody waits for it, else after 25 ms. A run that was lost fails alone; while
 * the database is away everything is held and tried again.
 */
export class GroupWriter {
  readonly #sql: Pool;
  readonly #secrets: Secrets;
  readonly #open = new Set<OpenRun>(); // those that have something to write, in the order in which they got it
  #timer: NodeJS.Timeout | undefined;
  #due: NodeJS.Immediate | undefined;
  #writing: Promise<void> | undefined;
  #lastWrite = 0;

  constructor(sql: Pool, secrets: Secrets) {
    this.#sql = sql;
    this.#secrets = secrets;
  }

  /**
   * `lastSeq`: number of the run's last event. `eager`: what it emits is for people who watch it come, so it goes out
   * at once when nothing was written for a while. `onLost` is called when the run is no longer ours, or not writable.
   */
  open(run: Held & { lastSeq: number }, options: { eager?: boolean; onLost: (error: unknown) => void }): RunLogger {
    return new OpenRun(run, this.#secrets, options.onLost, (one, urgency) => {
      this.#open.add(one);
      const idle = performance.now() - this.#lastWrite;
      const soon = urgency === "now" || (urgency === "emitted" && options.eager && idle >= GATHER_MS);
      this.#schedule(soon ? 0 : options.eager ? Math.max(1, GATHER_MS - idle) : GATHER_MS);
    });
  }

  #schedule(inMs: number): void {
    if (this.#writing || this.#due) return;
    // At once means: after what this turn of the event loop has for other runs.
    if (inMs === 0) this.#due = setImmediate(() => this.#write());
    else this.#timer ??= setTimeout(() => this.#write(), inMs);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = undefined;
    const batch: { run: OpenRun; part: Part }[] = [];
    let size = 0;
    for (const run of this.#open) {
      if (batch.length === MAX_RUNS || (batch.length > 0 && size + run.nextSize > MAX_SIZE)) break;
      const part = run.take();
      if (!part) {
        this.#open.delete(run);
        continue;
      }
      size += part.pending.size;
      batch.push({ run, part });
    }
    if (batch.length === 0) return;
    this.#writing = this.#store(batch).finally(() => {
      this.#writing = undefined;
      this.#lastWrite = performance.now();
      let urgent = false;
      for (const { run } of batch) if (!run.hasMore) this.#open.delete(run);
      for (const run of this.#open) urgent ||= run.urgent;
      if (this.#open.size > 0) this.#schedule(urgent ? 0 : GATHER_MS);
    });
  }

  async #store(batch: { run: OpenRun; part: Part }[]): Promise<void> {
    for (let wait = 100; ; wait = Math.min(wait * 2, 1_000)) {
      const left = batch.filter(({ run }) => !run.closed);
      if (left.length === 0) return;
      try {
        const reached = await writeParts(
          this.#sql,
          left.map(({ part }) => part),
        );
        left.forEach(({ run }, i) => run.settle(reached[i] ?? new LeaseLost("not written")));
        return;
      } catch (error) {
        if (isDatabaseAway(error)) await pause(wait);
        else if (isContention(error)) await pause(5);
        else if (left.length === 1) return left[0]?.run.settle(error);
        else {
          // Something in it cannot be stored: whose it is shows when each is written for itself.
          for (const one of left) await this.#store([one]);
          return;
        }
      }
    }
  }
}

/** Deadlock, serialisation failure: the other side won, another try will do. */
const isContention = (error: unknown) =>
  error instanceof Error && ["40P01", "40001"].includes((error as { code?: string }).code ?? "");

class OpenRun implements RunLogger {
  readonly #run: Held;
  readonly #secrets: Secrets;
  readonly #onLost: (error: unknown) => void;
  readonly #wake: (run: OpenRun, urgency: "now" | "emitted" | "later") => void;
  readonly #waiting: Pending[] = [];
  #writing: Pending | undefined;
  #lost: unknown;
  #lastSeq: number;

  constructor(
    { lastSeq, ...run }: Held & { lastSeq: number },
    secrets: Secrets,
    onLost: (error: unknown) => void,
    wake: (run: OpenRun, urgency: "now" | "emitted" | "later") => void,
  ) {
    this.#run = run;
    this.#lastSeq = lastSeq;
    this.#secrets = secrets;
    this.#onLost = onLost;
    this.#wake = wake;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }
  get backlog(): number {
    return this.#waiting.reduce((sum, { size }) => sum + size, this.#writing?.size ?? 0);
  }
  get closed(): boolean {
    return this.#lost !== undefined;
  }
  get hasMore(): boolean {
    return this.#waiting.length > 0;
  }
  get urgent(): boolean {
    return this.#waiting.some(({ settled }) => settled !== null);
  }
  get nextSize(): number {
    return this.#waiting[0]?.size ?? 0;
  }

  emit(type: string, data: Record<string, unknown>): void {
    if (this.closed) return;
    addEvent(this.#last(), type, data, this.#secrets);
    this.#wake(this, "emitted");
  }

  record(steps: readonly StepRecord[]): void {
    if (this.closed || steps.length === 0) return;
    // Between any two steps the log may be cut, never within what one record says.
    for (const step of steps) addStep(this.#last(), step, this.#secrets);
    this.#wake(this, "later");
  }

  call(call: RecordedCall): void {
    if (this.closed) return;
    addCall(this.#last(), call, this.#secrets);
    this.#wake(this, "later");
  }

  async commit(): Promise<void> {
    if (this.#lost) throw this.#lost;
    const last = this.#waiting.at(-1) ?? this.#writing;
    if (!last) return;
    last.settled ??= settling();
    if (last !== this.#writing) this.#wake(this, "now");
    await last.settled.promise;
  }

  async end(ending: Ending): Promise<void> {
    if (this.#lost) throw this.#lost;
    this.#last().ending = ending;
    await this.commit();
  }

  close(): void {
    this.#fail(new LeaseLost("closed"));
  }

  /** What is to be written next; undefined: nothing, or a write is under way. */
  take(): Part | undefined {
    if (this.closed || this.#writing) return undefined;
    this.#writing = this.#waiting.shift();
    return this.#writing && { run: this.#run, after: this.#lastSeq, pending: this.#writing };
  }

  /** Tells the outcome of what was taken: the number of its last event, or why it was not written. */
  settle(outcome: unknown): void {
    const written = this.#writing;
    this.#writing = undefined;
    if (typeof outcome === "number") {
      this.#lastSeq = outcome;
      written?.settled?.resolve();
      return;
    }
    written?.settled?.reject(outcome);
    if (this.closed) return;
    this.#fail(outcome);
    this.#onLost(outcome);
  }

  #fail(error: unknown): void {
    this.#lost ??= error;
    this.#writing?.settled?.reject(this.#lost);
    for (const { settled } of this.#waiting.splice(0)) settled?.reject(this.#lost);
  }

  #last(): Pending {
    const last = this.#waiting.at(-1);
    if (last && last.size < PART_SIZE) return last;
    const next = emptyPending();
    this.#waiting.push(next);
    return next;
  }
}

function settling(): PromiseWithResolvers<void> {
  const made = Promise.withResolvers<void>();
  made.promise.catch(() => undefined); // whoever waits for it is told; nobody need
  return made;
}
