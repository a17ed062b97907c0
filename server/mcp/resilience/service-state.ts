import type { BreakerPhase } from "./breaker.ts";
import type { Bounds } from "./bounds.ts";

/** What became of the calls since the process started. */
export interface ServiceCounts {
  calls: number;
  ok: number;
  /** Failures of the upstream or of the way to it. */
  failed: number;
  /** The upstream answered that it does not want this: the caller's own mistake. */
  rejected: number;
  /** Given up by the caller. */
  aborted: number;
  /** Tries beyond the first. */
  retries: number;
  /** Refused by the breaker. */
  broken: number;
  /** Refused since the bucket was empty and the queue full, or the wait too long. */
  limited: number;
}

/** How one upstream is doing as one process sees it. Times in milliseconds. */
export interface ServiceState {
  name: string;
  breaker: { phase: BreakerPhase; failures: number; opensInMs: number; halfOpenLeft: number };
  inFlight: number;
  queued: number;
  /** Tokens in the bucket of all callers. */
  tokens: number;
  /** Callers with a bucket of their own. */
  callers: number;
  counts: ServiceCounts;
  /** Of the last 512 calls that were answered. */
  latency: { p50: number; p95: number; p99: number } | null;
  bounds: Bounds;
}

export const noCounts = (): ServiceCounts => ({
  calls: 0,
  ok: 0,
  failed: 0,
  rejected: 0,
  aborted: 0,
  retries: 0,
  broken: 0,
  limited: 0,
});

const KEPT = 512;

/** The last durations, for quantiles. */
export class Latencies {
  readonly #ring = new Float64Array(KEPT);
  #count = 0;

  add(ms: number): void {
    this.#ring[this.#count++ % KEPT] = ms;
  }

  quantiles(): ServiceState["latency"] {
    const known = this.#ring.slice(0, Math.min(this.#count, KEPT)).toSorted();
    if (known.length === 0) return null;
    const at = (q: number) =>
      Math.round((known[Math.min(known.length - 1, Math.floor(q * known.length))] ?? 0) * 10) / 10;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
