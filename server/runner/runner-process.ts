import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunLimits } from "#server/engine/contract.ts";
import { openChannel, type Channel } from "./channel.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";

const PROJECT = path.resolve(import.meta.dirname, "../..");
const ENTRY = path.join(PROJECT, "server/runner.ts");
/** What the engine, the official nodes and ours consist of; nothing else can be read, nothing at all written. */
const READABLE = [
  "node_modules",
  "nodered-nodes",
  "package.json",
  "server/engine",
  "server/kernel",
  "server/runner",
  "server/runner.ts",
].map((name) => path.join(PROJECT, name));
/** Asked for by the loader of isolated-vm's binary, to tell musl from glibc. */
const ALPINE = "/etc/alpine-release";

const flagsOf = (heapMb: number) => [
  "--no-node-snapshot", // isolated-vm needs it
  "--permission",
  "--allow-addons", // isolated-vm
  "--allow-worker", // watchdog.ts
  ...[...READABLE, ALPINE].map((name) => `--allow-fs-read=${name}`),
  `--max-old-space-size=${heapMb}`,
  "--disable-warning=PERM0001", // says of the two flags above what is known
  "--disable-warning=PERM0006",
  "--disable-warning=ExperimentalWarning", // of the TypeScript in osf-ts
];

/** Bytes of what it wrote last to standard error that are kept for the log. */
const MAX_TAIL = 4_000;
/** How long a channel may stay open after its process ended. */
const CLOSE_MS = 1_000;

/** Why a runner ended. */
export interface Death {
  /**
   * `stalled`, `memory`: ended by the supervisor for what a run did. `crashed`: it ended itself. `killed`: from outside,
   * nobody knows why. `ended`: by us, no run's doing.
   */
  cause: "stalled" | "memory" | "crashed" | "killed" | "ended";
  /** For the log. */
  detail: string;
}
export type KillCause = Extract<Death["cause"], "stalled" | "memory" | "ended">;

const CRASHES = new Set(["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGFPE"]);

export interface RunnerOptions {
  limits: RunLimits;
  allowPrivateHosts: readonly string[];
  memoryMb: number;
  hear(message: FromRunner): void;
  ended(death: Death): void;
  /** Another program than server/runner.ts, for tests of the supervisor. */
  entry?: string;
}

/** One runner process. */
export class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #channel: Channel<ToRunner>;
  #killed: Death | undefined;
  #tail = "";
  /** Of the last look, megabytes. */
  memoryMb = 0;
  ready = false;

  constructor({ limits, allowPrivateHosts, memoryMb, hear, ended, entry = ENTRY }: RunnerOptions) {
    this.#child = fork(entry, [], {
      execArgv: flagsOf(Math.max(64, Math.round(memoryMb * 0.75))),
      // Nothing of ours but the time zone: dates in flows are written as those of the gateway.
      env: { NODE_ENV: "production", TZ: Intl.DateTimeFormat().resolvedOptions().timeZone },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      cwd: "/",
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#tail = (this.#tail + text).slice(-MAX_TAIL);
    });
    let over = false;
    const end = (death: Death) => {
      if (over) return;
      over = true;
      ended(this.#killed ?? death);
    };
    this.#child.on("error", (error) => end({ cause: "crashed", detail: `cannot be started: ${error.message}` }));
    // What it said before it died is heard first: all of it when the channel is closed.
    const silent = new Promise((done) => this.#child.once("disconnect", done));
    this.#child.on("close", async (code, signal) => {
      await Promise.race([silent, pause(CLOSE_MS)]);
      end(deathOf(code, signal, this.#tail));
    });
    this.#channel = openChannel<ToRunner, FromRunner>(this.#child, (message) => {
      if (message.type === "ready") this.ready = true;
      if (message.type === "ready" || message.type === "pong") this.memoryMb = message.memoryMb;
      hear(message);
    });
    this.say({ type: "start", limits, allowPrivateHosts: [...allowPrivateHosts] });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  say(message: ToRunner): void {
    this.#channel.say(message);
  }

  /** Ends it at once: there is nothing in it that is not recorded, or it is not worth it. */
  kill(cause: KillCause, detail: string): void {
    this.#killed ??= { cause, detail };
    this.#child.kill("SIGKILL");
  }

  /** Looks how much memory it takes. By itself: a runner that does not react cannot say it. */
  measure(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, "latin1");
      const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
      if (resident !== undefined) this.memoryMb = Math.round(Number(resident) / 1_024);
    } catch {
      // no /proc, or gone: its own word must do
    }
    return this.memoryMb;
  }
}

function deathOf(code: number | null, signal: NodeJS.Signals | null, tail: string): Death {
  const how = signal ? `by ${signal}` : `with exit code ${code}`;
  const said = tail.trim() ? `; its last words: ${tail.trim()}` : "";
  const crashed = signal ? CRASHES.has(signal) : code !== 0;
  return { cause: crashed ? "crashed" : "killed", detail: `it ended ${how}${said}` };
}
