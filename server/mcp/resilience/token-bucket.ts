/** A bucket of tokens that fills at a steady rate up to its capacity. Times in milliseconds of any steady clock. */
export class TokenBucket {
  readonly capacity: number;
  readonly perMs: number;
  #tokens: number;
  #at: number;

  constructor({ requestsPerMinute, burst }: { requestsPerMinute: number; burst: number }, now: number) {
    this.capacity = burst;
    this.perMs = requestsPerMinute / 60_000;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Whole and broken tokens that are there. */
  level(now: number): number {
    const grown = this.#tokens + Math.max(0, now - this.#at) * this.perMs;
    this.#tokens = Math.min(this.capacity, grown);
    this.#at = Math.max(this.#at, now);
    return this.#tokens;
  }

  /** Milliseconds until a token is there; 0: now. */
  waitMs(now: number): number {
    const lacking = 1 - this.level(now);
    // a rounding error must not make a wait of no time at all go on for ever
    return lacking <= 1e-9 ? 0 : Math.max(1, Math.ceil(lacking / this.perMs));
  }

  /** Takes a token; only after `waitMs` has answered 0. */
  take(now: number): void {
    this.#tokens = Math.max(0, this.level(now) - 1);
  }

  isFull(now: number): boolean {
    return this.level(now) >= this.capacity;
  }
}
