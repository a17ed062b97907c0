import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import { appendEvents, LeaseLost } from "./append-events.ts";
import type { NewEvent } from "./events.ts";

const BATCH_MS = 25;

/**
 * Collects a run's events and writes them in small batches: at once when nothing was written for 25 ms, else together.
 * While the database is away it holds them and tries again; `onLost` is called when the run is no longer ours.
 */
export class RunWriter {
  readonly #sql: Pool;
  readonly #run: { id: string; leaseToken: string };
  readonly #onLost: (error: unknown) => void;
  #waiting: NewEvent[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastWrite = 0;
  #lost: unknown;
  #lastSeq: number;

  constructor(sql: Pool, run: { id: string; leaseToken: string; lastSeq: number }, onLost: (error: unknown) => void) {
    this.#sql = sql;
    this.#run = run;
    this.#lastSeq = run.lastSeq;
    this.#onLost = onLost;
  }

  /** Number of the last event that is durable. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  emit(type: string, data: Record<string, unknown>): void {
    const last = this.#waiting.at(-1);
    // Pieces of the same passage that wait together are one event: fewer rows, same text.
    if (type === "content" && last?.type === "content" && last.data["part"] === data["part"]) {
      last.data = { ...last.data, text: `${String(last.data["text"])}${String(data["text"])}` };
    } else this.#waiting.push({ type, data });
    if (this.#writing || this.#timer) return;
    const rest = this.#lastWrite + BATCH_MS - Date.now();
    if (rest <= 0) this.#write();
    else this.#timer = setTimeout(() => this.#write(), rest);
  }

  /** Resolves when everything emitted is durable; rejects when the run was lost. */
  async commit(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing) {
      if (this.#lost) throw this.#lost;
      if (!this.#writing) this.#write();
      await this.#writing;
    }
    if (this.#lost) throw this.#lost;
  }

  /** Drops what is not yet written and writes no more. */
  discard(): void {
    this.#lost ??= new LeaseLost("discarded");
    this.#waiting = [];
    clearTimeout(this.#timer);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#lost || this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#writing = this.#store(batch).finally(() => {
      this.#lastWrite = Date.now();
      this.#writing = undefined;
      if (this.#waiting.length > 0 && !this.#timer && !this.#lost)
        this.#timer = setTimeout(() => this.#write(), BATCH_MS);
    });
  }

  async #store(batch: NewEvent[]): Promise<void> {
    for (let wait = 100; !this.#lost; wait = Math.min(wait * 2, 1_000)) {
      try {
        this.#lastSeq = await appendEvents(this.#sql, { ...this.#run, after: this.#lastSeq }, batch);
        return;
      } catch (error) {
        if (isDatabaseAway(error)) await pause(wait);
        else {
          this.#lost = error;
          this.#waiting = [];
          this.#onLost(error);
        }
      }
    }
  }
}
