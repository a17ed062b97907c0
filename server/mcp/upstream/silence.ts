import { TooLate } from "./wire-errors.ts";

/** However much progress is reported, one request ends after this many times its timeout. */
const LONGEST = 20;

export interface Silence {
  /** Something came: the time allowed begins anew. */
  broken(): void;
  /** A person is asked: the time stands still until the returned function is called. */
  excused(): () => void;
  end(): void;
}

/** Calls `giveUp`, once at most, when the caller aborts (with its reason) or nothing came for `timeoutMs` (TooLate). */
export function boundSilence(
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  giveUp: (reason: unknown) => void,
): Silence {
  const began = performance.now();
  let excuses = 0;
  let excusedMs = 0;
  let ended = false;
  /** The time was up while a person was asked. */
  let due = false;
  const end = () => {
    ended = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
  };
  const timer = setTimeout(() => {
    if (excuses > 0) due = true;
    else late();
  }, timeoutMs);
  const late = () => {
    end();
    giveUp(new TooLate(timeoutMs));
  };
  const aborted = () => {
    end();
    giveUp(signal?.reason);
  };
  signal?.addEventListener("abort", aborted, { once: true });
  const broken = () => {
    if (ended) return;
    const left = performance.now() - began - excusedMs < LONGEST * timeoutMs;
    if (!left) return void (due && excuses === 0 && late());
    due = false;
    timer.refresh();
  };
  return {
    broken,
    excused() {
      const since = performance.now();
      excuses++;
      let over = false;
      return () => {
        if (over) return;
        over = true;
        excusedMs += performance.now() - since;
        if (--excuses === 0) broken();
      };
    },
    end,
  };
}
