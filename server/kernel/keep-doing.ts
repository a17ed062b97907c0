import { isDatabaseAway } from "./errors.ts";
import type { Log } from "./log.ts";

export interface KeptWork {
  /** Does it now, or waits for the round that is under way. Never rejects. */
  now: () => Promise<void>;
  /** No further round; waits for the one that is under way. */
  stop: () => Promise<void>;
}

/** Does `work` every so often, one round at a time. A failure is logged as `failed`, unless the database is just away. */
export function keepDoing(work: () => Promise<unknown>, failed: string, log: Log, everyMs: number): KeptWork {
  let at: Promise<void> | undefined;
  const now = () =>
    (at ??= work()
      .then(
        () => undefined,
        (err: unknown) => {
          if (!isDatabaseAway(err)) log.error({ err }, failed);
        },
      )
      .finally(() => {
        at = undefined;
      }));
  const interval = setInterval(() => void now(), everyMs);
  return {
    now,
    async stop() {
      clearInterval(interval);
      await at;
    },
  };
}
