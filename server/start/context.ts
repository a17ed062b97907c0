import type { Environment } from "../kernel/env.ts";
import type { SettingsUpstream } from "../kernel/upstream.schema.ts";
import type { DataFolder } from "./data-folder.ts";
import type { PartName, Running } from "./running.ts";
import type { SupervisorEvents } from "./supervise.ts";
import type { Terminal } from "./terminal.ts";

/** What the steps of a start share. */
export interface StartContext {
  project: string;
  env: Environment;
  /** Those that the environment names. */
  upstreams: SettingsUpstream[];
  /** Whether PORT was chosen by the person. */
  portChosen: boolean;
  dev: boolean;
  version: string;
  data: DataFolder;
  terminal: Terminal;
  running: Running;
  /** Aborted when the start is called off. */
  signal: AbortSignal;
  /** Ends the whole product because a part cannot go on. */
  giveUp(part: PartName, reason: string): void;
}

/** Tells the person about the deaths of a part. */
export function tellDeaths({ terminal, giveUp }: StartContext, part: PartName, logFile: string): SupervisorEvents {
  let since = 0;
  return {
    died(how, delayMs) {
      since = performance.now();
      const when = delayMs ? `in ${delayMs / 1_000} s` : "now";
      terminal.attention(part, `${how}; starting it again ${when} (log: ${logFile})`);
    },
    recovered: () => terminal.done(part, "runs again", since),
    gaveUp: (how) => giveUp(part, `it dies again and again (${how}). Its log: ${logFile}`),
  };
}
