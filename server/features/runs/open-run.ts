import type { StepRecord } from "#server/engine/contract.ts";
import type { Ending } from "./end-run.ts";
import type { RecordedCall } from "./kinds.ts";
import { LeaseLost } from "./lease.ts";
import { addCall, addEvent, addStep, emptyPending, type Pending } from "./pending.ts";
import type { Secrets } from "./secrets.ts";
import type { Held, Part } from "./write-parts.ts";

/** Above it a run's part is closed, and what follows goes with the next write. Characters, about. */
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

/** How soon what a run was given should be written. */
type Urgency = "now" | "emitted" | "later";

/** The writer's side of a run: gathers parts, hands them out one by one, tells who waits. */
export class OpenRun implements RunLogger {
  readonly #run: Held;
  readonly #secrets: Secrets;
  readonly #onLost: (error: unknown) => void;
  readonly #wake: (run: OpenRun, urgency: Urgency) => void;
  readonly #waiting: Pending[] = [];
  #writing: Pending | undefined;
  #lost: unknown;
  #lastSeq: number;

  constructor(
    { lastSeq, ...run }: Held & { lastSeq: number },
    secrets: Secrets,
    onLost: (error: unknown) => void,
    wake: (run: OpenRun, urgency: Urgency) => void,
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
