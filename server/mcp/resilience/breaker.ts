export interface BreakerOptions {
  /** Failures in a row that open it. */
  failureThreshold: number;
  /** Milliseconds until it lets the first calls through again. */
  recoveryMs: number;
  /** How many calls it lets through then, in all; all of them have to succeed. */
  halfOpenMaxCalls: number;
}

export type BreakerPhase = "closed" | "open" | "half-open";

/** How an admitted call ended. Each may be told once; `neither`: the caller gave up, which says nothing. */
export interface Admission {
  succeeded(): void;
  failed(): void;
  neither(): void;
}

/**
 * A circuit breaker. Our own and not cockatiel's: there, who comes while it is half open waits for the outcome, and a
 * call that its caller gives up counts as a success. Here, half open admits exactly so many, everybody else is refused at
 * once, and what was given up makes room for another try.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  readonly #changed: (phase: BreakerPhase) => void;
  #phase: BreakerPhase = "closed";
  #failures = 0;
  #openedAt = 0;
  #admitted = 0;
  #succeeded = 0;
  /** Counts changes of phase: how a call ended that began in an earlier one says nothing about this one. */
  #generation = 0;

  constructor(options: BreakerOptions, now: () => number, changed: (phase: BreakerPhase) => void = () => undefined) {
    this.#options = options;
    this.#now = now;
    this.#changed = changed;
  }

  /** Milliseconds until it admits calls again; 0: it does now. Undefined: not before the calls under way have ended. */
  closedFor(): number | undefined {
    if (this.#phase === "open") return Math.max(0, this.#openedAt + this.#options.recoveryMs - this.#now());
    if (this.#phase === "half-open" && this.#admitted >= this.#options.halfOpenMaxCalls) return undefined;
    return 0;
  }

  /** Null: refused. */
  admit(): Admission | null {
    if (this.closedFor() !== 0) return null;
    if (this.#phase === "open") {
      this.#turn("half-open");
      this.#admitted = 0;
      this.#succeeded = 0;
    }
    if (this.#phase === "half-open") this.#admitted++;
    const generation = this.#generation;
    let told = false;
    const once = (act: () => void) => () => {
      if (told) return;
      told = true;
      if (generation === this.#generation) act();
    };
    return {
      succeeded: once(() => this.#success()),
      failed: once(() => this.#failure()),
      neither: once(() => {
        if (this.#phase === "half-open") this.#admitted--;
      }),
    };
  }

  state(): { phase: BreakerPhase; failures: number; opensInMs: number; halfOpenLeft: number } {
    return {
      phase: this.#phase,
      failures: this.#failures,
      opensInMs: this.#phase === "open" ? Math.ceil(this.closedFor() ?? 0) : 0,
      halfOpenLeft: this.#phase === "half-open" ? this.#options.halfOpenMaxCalls - this.#admitted : 0,
    };
  }

  #success(): void {
    this.#failures = 0;
    if (this.#phase !== "half-open") return;
    if (++this.#succeeded >= this.#options.halfOpenMaxCalls) this.#turn("closed");
  }

  #failure(): void {
    this.#failures++;
    if (this.#phase === "closed" && this.#failures < this.#options.failureThreshold) return;
    this.#openedAt = this.#now();
    this.#turn("open");
  }

  #turn(phase: BreakerPhase): void {
    this.#phase = phase;
    this.#generation++;
    if (phase === "closed") this.#failures = 0;
    this.#changed(phase);
  }
}
