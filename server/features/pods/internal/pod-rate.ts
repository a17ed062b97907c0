import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";

const PER_MINUTE = 1_200;
const limiter = new RateLimiterMemory({ keyPrefix: "pod", points: PER_MINUTE, duration: 60 });

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
