import type { UpstreamPolicy } from "../definition.ts";

/** What bounds an upstream where its policy says nothing. Times in milliseconds. */
export const DEFAULT_BOUNDS = {
  concurrency: 64,
  rate: { requestsPerMinute: 6_000, burst: 200, queue: 200, queueMs: 5_000 },
  callerRate: { requestsPerMinute: 1_200, burst: 100 },
  breaker: { failureThreshold: 5, recoveryMs: 10_000, halfOpenMaxCalls: 2 },
  retry: { backoff: "exponential", initialDelayMs: 200, maxDelayMs: 2_000, maxAttempts: 3 },
} as const satisfies Pick<UpstreamPolicy, "concurrency" | "rate" | "callerRate" | "breaker" | "retry">;

export type Bounds = Required<Pick<UpstreamPolicy, "concurrency" | "rate" | "callerRate" | "breaker" | "retry">>;

export const boundsOf = ({ concurrency, rate, callerRate, breaker, retry }: UpstreamPolicy): Bounds => ({
  concurrency: concurrency ?? DEFAULT_BOUNDS.concurrency,
  rate: rate ?? DEFAULT_BOUNDS.rate,
  callerRate: callerRate ?? DEFAULT_BOUNDS.callerRate,
  breaker: breaker ?? DEFAULT_BOUNDS.breaker,
  retry: retry ?? DEFAULT_BOUNDS.retry,
});
