const DELAYS_MS = [0, 1_000, 2_000, 5_000, 10_000];
const WINDOW_MS = 60_000;

export interface RestartPolicy {
  /** Milliseconds to wait before the next start, or undefined: it died too often to go on. */
  afterDeath(): number | undefined;
}

/** At once, then after 1, 2, 5 and 10 seconds; the death after these five starts, within a minute, is the last. */
export function restartPolicy(now: () => number = () => performance.now()): RestartPolicy {
  let deaths: number[] = [];
  return {
    afterDeath() {
      deaths = [...deaths.filter((at) => now() - at < WINDOW_MS), now()];
      return DELAYS_MS[deaths.length - 1];
    },
  };
}
