import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";

const PER_MINUTE = 1_200;
const limiter = new RateLimiterMemory({ keyPrefix: "pod", points: PER_MINUTE, duration: 60 });

const EXECUTIONS_PER_MINUTE = 120;
const executionLimiter = new RateLimiterMemory({ keyPrefix: "pod-runs", points: EXECUTIONS_PER_MINUTE, duration: 60 });

/** How many of so many executions of a pod are still recorded in this minute: each becomes a run with its steps. */
export async function roomForExecutions({ credentialId }: Actor, wanted: number): Promise<number> {
  const before = await executionLimiter.get(credentialId);
  const room = Math.min(wanted, EXECUTIONS_PER_MINUTE - (before?.consumedPoints ?? 0));
  if (room > 0) await executionLimiter.consume(credentialId, room);
  return Math.max(0, room);
}

/** Counts one request of a pod. Each process counts by itself: it bounds what one pod can cost it. */
export async function holdPodRate({ credentialId }: Actor): Promise<void> {
  try {
    await limiter.consume(credentialId);
  } catch (state) {
    if (!(state instanceof RateLimiterRes)) throw state;
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
    throw new AppError("limited", "rate.limited", `More than ${PER_MINUTE} requests of this pod in a minute`, {
      retryAfter: seconds,
    });
  }
}
