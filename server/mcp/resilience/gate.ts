import { TokenBucket } from "./token-bucket.ts";
import type { Bounds } from "./bounds.ts";

/** Why somebody was not let in. `retryMs`: when another try makes sense. */
export class Turned extends Error {
  override readonly name = "Turned";
  readonly why: "queue-full" | "too-long";
  readonly retryMs: number;
  constructor(why: Turned["why"], retryMs: number) {
    super(why);
    this.why = why;
    this.retryMs = retryMs;
  }
}

/** Of a call that was let in. */
export interface Place {
  /** While a person is asked in the middle of the call, others may have its place; it comes back to one at once. */
  rest(): void;
  goOn(): void;
  /** The call has ended. */
  leave(): void;
}

interface Waiting {
  caller: string;
  enter(): void;
}

const MOST_CALLERS = 10_000;

/**
 * Lets calls to one upstream through: so many at a time, so many a minute, so many a minute for each caller. Who finds
 * no room waits in the order of coming, but overtakes those whose own bucket is empty; the queue has a length and a
 * longest wait, and no caller takes more than half of it.
 */
export class Gate {
  readonly #bounds: Pick<Bounds, "concurrency" | "rate" | "callerRate">;
  readonly #now: () => number;
  readonly #all: TokenBucket;
  readonly #callers = new Map<string, TokenBucket>();
  readonly #queue: Waiting[] = [];
  #inside = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(bounds: Pick<Bounds, "concurrency" | "rate" | "callerRate">, now: () => number) {
    this.#bounds = bounds;
    this.#now = now;
    this.#all = new TokenBucket(bounds.rate, now());
  }

  /** Throws `Turned`; rejects with the signal's reason. */
  async enter(caller: string, signal: AbortSignal | undefined): Promise<Place> {
    signal?.throwIfAborted();
    if (this.#queue.length === 0 && this.#roomFor(caller) === 0) return this.#let(caller);
    const { queue, queueMs } = this.#bounds.rate;
    const own = this.#queue.filter((one) => one.caller === caller).length;
    if (this.#queue.length >= queue || own >= Math.max(1, Math.floor(queue / 2)))
      throw new Turned("queue-full", this.#retryMs(caller));
    return this.#wait(caller, queueMs, signal);
  }

  state(): { inFlight: number; queued: number; tokens: number; callers: number } {
    return {
      inFlight: this.#inside,
      queued: this.#queue.length,
      tokens: Math.floor(this.#all.level(this.#now())),
      callers: this.#callers.size,
    };
  }

  #wait(caller: string, queueMs: number, signal: AbortSignal | undefined): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const leave = (error: unknown) => {
      const at = this.#queue.indexOf(waiting);
      if (at >= 0) this.#queue.splice(at, 1);
      done();
      reject(error);
      this.#pump();
    };
    const abort = () => leave(signal?.reason);
    const patience = setTimeout(() => leave(new Turned("too-long", this.#retryMs(caller))), queueMs);
    const done = () => {
      clearTimeout(patience);
      signal?.removeEventListener("abort", abort);
    };
    const waiting: Waiting = {
      caller,
      enter: () => {
        done();
        resolve(this.#let(caller));
      },
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#queue.push(waiting);
    this.#pump();
    return promise;
  }

  #bucketOf(caller: string): TokenBucket {
    let bucket = this.#callers.get(caller);
    if (!bucket) {
      if (this.#callers.size >= MOST_CALLERS) this.#forgetIdle();
      this.#callers.set(caller, (bucket = new TokenBucket(this.#bounds.callerRate, this.#now())));
    }
    return bucket;
  }

  /** A full bucket is as good as none. */
  #forgetIdle(): void {
    const now = this.#now();
    for (const [caller, bucket] of this.#callers) if (bucket.isFull(now)) this.#callers.delete(caller);
  }

  /** Milliseconds until there may be room; 0: there is. Infinity: not before a call has ended. */
  #roomFor(caller: string): number {
    if (this.#inside >= this.#bounds.concurrency) return Infinity;
    const now = this.#now();
    return Math.max(this.#all.waitMs(now), this.#bucketOf(caller).waitMs(now));
  }

  #retryMs(caller: string): number {
    const wait = this.#roomFor(caller);
    return Number.isFinite(wait) ? Math.max(wait, 1_000) : 1_000;
  }

  #let(caller: string): Place {
    const now = this.#now();
    this.#all.take(now);
    this.#bucketOf(caller).take(now);
    let taken = false;
    const take = (wanted: boolean) => {
      if (taken === wanted) return;
      taken = wanted;
      this.#inside += wanted ? 1 : -1;
      if (!wanted) this.#pump();
    };
    let left = false;
    take(true);
    return {
      rest: () => take(false),
      goOn: () => take(!left),
      leave() {
        left = true;
        take(false);
      },
    };
  }

  /** Lets in whoever has room, and comes back when the next may have. */
  #pump(): void {
    clearTimeout(this.#timer);
    let soonest = Infinity;
    for (let i = 0; i < this.#queue.length;) {
      const waiting = this.#queue[i]!; // within the length
      const wait = this.#roomFor(waiting.caller);
      if (wait > 0) {
        soonest = Math.min(soonest, wait);
        if (wait === Infinity) break;
        i++;
        continue;
      }
      this.#queue.splice(i, 1);
      waiting.enter();
    }
    if (Number.isFinite(soonest)) this.#timer = setTimeout(() => this.#pump(), soonest);
  }
}
