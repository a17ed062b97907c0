import { setTimeout as wait } from "node:timers/promises";
import type { AppError } from "../kernel/errors.ts";
import { restartPolicy, type RestartPolicy } from "./restart-policy.ts";

/** Anything that runs and may die: a process, the embedded database. */
export interface Life {
  /** Resolves with how it ended, in words. */
  ended: Promise<string>;
  stop(): Promise<void>;
  kill(): void;
}

export interface Supervised<L extends Life> {
  /** The one that lives now, or lived last. */
  current(): L;
  stop(): Promise<void>;
  kill(): void;
}

export interface SupervisorEvents {
  /** It died and is started again after `delayMs`. */
  died(how: string, delayMs: number): void;
  recovered(): void;
  /** It died too often. */
  gaveUp(how: string): void;
}

/** Starts a life and starts it again whenever it ends unasked. Rejects when the first start fails. */
export async function supervise<L extends Life>(
  start: () => Promise<L>,
  events: SupervisorEvents,
  policy: RestartPolicy = restartPolicy(),
): Promise<Supervised<L>> {
  const ending = new AbortController();
  let life = await start();
  let next: Promise<void> | undefined;

  const watch = () => void life.ended.then((how) => (next = ending.signal.aborted ? undefined : restart(how)));
  const restart = async (how: string): Promise<void> => {
    for (let last = how; ;) {
      const delay = policy.afterDeath();
      if (delay === undefined) return events.gaveUp(last);
      events.died(last, delay);
      await wait(delay, undefined, { signal: ending.signal }).catch(() => undefined);
      if (ending.signal.aborted) return;
      try {
        life = await start();
      } catch (error) {
        last = (error as AppError).message;
        continue;
      }
      if (!ending.signal.aborted) events.recovered();
      return watch();
    }
  };
  watch();

  return {
    current: () => life,
    async stop() {
      ending.abort();
      await next; // one that is being started is ended too
      await life.stop();
    },
    kill() {
      ending.abort();
      life.kill();
    },
  };
}
