import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import { LeaseLost } from "./lease.ts";
import { OpenRun, type RunLogger } from "./open-run.ts";
import type { Secrets } from "./secrets.ts";
import { writeParts, type Held, type Part } from "./write-parts.ts";

const GATHER_MS = 25;
/** Bounds of one statement: runs, and about how many characters. One run's part is never divided. */
const MAX_RUNS = 200;
const MAX_SIZE = 8_000_000;

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
