import { AppError } from "../kernel/errors.ts";

interface Waiting {
  workspaceId: string;
  start: () => void;
  moved: ((position: number) => void) | undefined;
}

/**
 * Places for calls to one model server: at most `concurrency` at the same time, at most `depth` waiting. Fair between
 * workspaces: they take turns, however many calls one of them has waiting.
 */
export class ModelQueue {
  readonly #concurrency: number;
  readonly #depth: number;
  readonly #changed: () => void;
  #running = 0;
  /** In the order in which workspaces take turns. */
  readonly #turns = new Map<string, Waiting[]>();

  constructor(limits: { concurrency: number; depth: number }, changed: () => void) {
    this.#concurrency = limits.concurrency;
    this.#depth = limits.depth;
    this.#changed = changed;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    let sum = 0;
    for (const calls of this.#turns.values()) sum += calls.length;
    return sum;
  }

  /** Waits for a place; the result gives it back. Throws `unavailable` (`model.saturated`) when too many wait. */
  async enter(workspaceId: string, signal: AbortSignal, moved?: (position: number) => void): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running < this.#concurrency && this.#turns.size === 0) this.#running++;
    else await this.#wait(workspaceId, signal, moved);
    this.#changed();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running--;
      this.#next();
      this.#changed();
    };
  }

  #wait(workspaceId: string, signal: AbortSignal, moved: Waiting["moved"]): Promise<void> {
    if (this.waiting >= this.#depth)
      throw new AppError(
        "unavailable",
        "model.saturated",
        `The model is busy and ${this.#depth} calls are waiting already. Try again in a moment`,
        { retryAfter: 10 },
      );
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        const calls = this.#turns.get(workspaceId) ?? [];
        const at = calls.indexOf(waiting);
        if (at >= 0) calls.splice(at, 1);
        if (calls.length === 0) this.#turns.delete(workspaceId);
        this.#tell();
        this.#changed();
        reject(signal.reason as Error); // an abort's reason is what the caller gave
      };
      const start = () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const waiting: Waiting = { workspaceId, start, moved };
      const calls = this.#turns.get(workspaceId);
      if (calls) calls.push(waiting);
      else this.#turns.set(workspaceId, [waiting]);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#tell();
      this.#changed();
    });
  }

  #next(): void {
    while (this.#running < this.#concurrency) {
      const [turn] = this.#turns;
      if (!turn) return;
      const [workspaceId, calls] = turn;
      const call = calls.shift();
      this.#turns.delete(workspaceId);
      if (calls.length > 0) this.#turns.set(workspaceId, calls); // to the end of the round
      if (!call) continue;
      this.#running++;
      call.start();
    }
    this.#tell();
  }

  /** Positions count rounds: the first call of each workspace stands before the second of any. */
  #tell(): void {
    const rounds = [...this.#turns.values()];
    let position = 0;
    for (let round = 0; rounds.some((calls) => calls.length > round); round++)
      for (const calls of rounds) if (calls[round]) calls[round]?.moved?.(++position);
  }
}
