import type { Terminal } from "./terminal.ts";

/** Parts from the ground up: each needs those before it, so they stop from the end. */
export const PARTS = ["database", "factory", "model", "accounts", "worker", "web"] as const;
export type PartName = (typeof PARTS)[number];

interface Stoppable {
  stop(): Promise<void>;
  kill(): void;
}

/** What has been started and must be stopped. */
export interface Running {
  add(part: PartName, life: Stoppable): void;
  remove(part: PartName): void;
  /** Stops everything, dependents first. Never rejects. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

export function trackRunning(terminal: Terminal): Running {
  const lives = new Map<PartName, Stoppable>();
  return {
    add: (part, life) => void lives.set(part, life),
    remove: (part) => void lives.delete(part),
    async stop() {
      for (const part of PARTS.toReversed()) {
        const life = lives.get(part);
        if (!life) continue;
        const began = performance.now();
        try {
          await life.stop();
          terminal.done(part, "stopped", began);
        } catch (error) {
          life.kill();
          terminal.fault(part, `ended the hard way: ${String(error)}`);
        }
        lives.delete(part);
      }
    },
    kill() {
      for (const life of lives.values()) life.kill();
    },
  };
}
