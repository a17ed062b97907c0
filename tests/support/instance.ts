import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const PROJECT = path.resolve(import.meta.dirname, "../..");

export interface Account {
  email: string;
  password: string;
  role: string;
}

/** The product as a person starts it, in a data folder of its own. */
export interface Instance {
  url: string;
  dataDir: string;
  launcher: ChildProcess;
  /** Everything the launcher printed. */
  output(): string;
  accounts(): Account[];
  /** An access token of the demo account with this role. */
  token(role?: string): Promise<string>;
  /** Process ids of a part: web, worker, model, factory, postgres. Linux only. */
  pids(part: keyof typeof PARTS): number[];
  /** Kills a part as `kill -9` does. */
  kill(part: keyof typeof PARTS): void;
  /** Resolves when `/health/ready` answers 200. */
  ready(): Promise<void>;
  /** SIGTERM, and resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** How the processes show themselves; Next gives its own name to the one it runs in. */
const PARTS = {
  web: /^next-server|server\/main\.ts/,
  worker: /server\/worker\.ts/,
  model: /demo-model\/main\.ts/,
  factory: /factory\/main\.ts/,
  postgres: /postgres.* -D /,
} as const;

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

interface ProcessRow {
  pid: number;
  ppid: number;
  command: string;
}

/** All processes, from /proc. */
export function processes(): ProcessRow[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const ppid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return [{ pid, ppid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() }];
    } catch {
      return []; // ended meanwhile
    }
  });
}

/** A process' children, their children, and so on. */
export function descendants(root: number): ProcessRow[] {
  const all = processes();
  const found: ProcessRow[] = [];
  for (let parents = new Set([root]); parents.size > 0;) {
    const children = all.filter(({ ppid }) => parents.has(ppid));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

/** Resident memory of a process in megabytes. */
export const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** Starts the product (`server/start.ts`, production) and waits until it serves. Without `dataDir` in a new folder. */
export async function startInstance({
  env = {},
  dataDir,
  timeoutMs = 240_000,
}: { env?: Record<string, string>; dataDir?: string; timeoutMs?: number } = {}): Promise<Instance> {
  const folder = dataDir ?? mkdtempSync(path.join(os.tmpdir(), "osf-instance-"));
  const port = env["PORT"] ?? String(await freePort());
  const launcher = spawn(path.join(PROJECT, "node_modules/.bin/node"), ["server/start.ts"], {
    cwd: PROJECT,
    env: {
      NODE_ENV: "production",
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: port,
      OSF_DATA_DIR: folder,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [launcher.stdout, launcher.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const url = `http://localhost:${port}`;
  const tokens = new Map<string, string>(); // sign-ins are limited: one of each role will do
  const exited = new Promise<number | null>((resolve) => launcher.once("exit", resolve));

  const ready = async () => {
    for (const until = Date.now() + timeoutMs; ; await pause(100)) {
      if (launcher.exitCode !== null) throw new Error(`the launcher ended with ${launcher.exitCode}:\n${output}`);
      if (Date.now() > until) throw new Error(`not ready within ${timeoutMs / 1_000} s:\n${output}`);
      const ok = await fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ok) return;
    }
  };
  const accounts = () =>
    (JSON.parse(readFileSync(path.join(folder, "demo-accounts.json"), "utf8")) as { accounts: Account[] }).accounts;
  const pids = (part: keyof typeof PARTS) =>
    descendants(launcher.pid ?? -1)
      .filter(({ command }) => PARTS[part].test(command))
      .map(({ pid }) => pid);
  const stop = async () => {
    if (launcher.exitCode === null) launcher.kill("SIGTERM");
    return exited;
  };
  await ready().catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  return {
    url,
    dataDir: folder,
    launcher,
    output: () => output,
    accounts,
    async token(role = "admin") {
      const known = tokens.get(role);
      if (known) return known;
      const account = accounts().find((one) => one.role === role);
      const response = await fetch(`${url}/auth/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ email: account?.email, password: account?.password }),
      });
      if (!response.ok) throw new Error(`sign-in failed: ${await response.text()}`);
      const { token } = (await response.json()) as { token: string };
      tokens.set(role, token);
      return token;
    },
    pids,
    kill(part) {
      for (const pid of pids(part)) process.kill(pid, "SIGKILL");
    },
    ready,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
