import { setInterval } from "node:timers";
import { runPart } from "../kernel/part.ts";

/** A part whose behaviour is its configuration. */
export interface TestPartConfig {
  info?: unknown;
  failWith?: string;
  /** Ignores the wish to stop. */
  stubborn?: boolean;
  say?: string[];
}

runPart(async ({ info = "ready", failWith, stubborn, say = [] }: TestPartConfig) => {
  if (failWith) throw new Error(failWith);
  for (const line of say) console.error(line);
  setInterval(() => undefined, 1_000);
  return { info, stop: () => (stubborn ? new Promise<void>(() => undefined) : Promise.resolve()) };
});
