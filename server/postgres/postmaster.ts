import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../kernel/errors.ts";

/** What a running server writes about itself into `postmaster.pid`. */
export interface Postmaster {
  pid: number;
  port: number;
  ready: boolean;
}

const PID_FILE = "postmaster.pid";

/** The server that runs on this cluster, if one does. A pid that is dead, a zombie or somebody else's does not count. */
export function runningPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(path.join(cluster, PID_FILE), "utf8").split("\n");
  } catch {
    return undefined;
  }
  // Lines: pid, data folder, start time, port, socket folder, listen address, shared memory, status
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isPostmaster(pid, cluster)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

function isPostmaster(pid: number, cluster: string): boolean {
  try {
    if (!existsSync("/proc/self/stat"))
      return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes(cluster);
    if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) return false;
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(cluster);
  } catch {
    return false; // no such process
  }
}

/**
 * Makes way for a new server: one that still shuts down after its launcher was killed is waited for, an orphan is
 * shut down, and the file of a dead one is removed (PostgreSQL itself would refuse when the pid was given anew).
 */
export async function clearCluster(cluster: string, deadlineMs = 40_000): Promise<void> {
  const started = performance.now();
  for (let asked = 0; ;) {
    const found = runningPostmaster(cluster);
    if (!found) break;
    const elapsed = performance.now() - started;
    if (elapsed > deadlineMs)
      throw new AppError(
        "unavailable",
        "postgres.occupied",
        `Another PostgreSQL (pid ${found.pid}) runs on ${cluster} and does not stop. End it, then start again`,
      );
    if (elapsed >= asked * 1_000) {
      asked += 1;
      signal(found.pid, elapsed > deadlineMs / 2 ? "SIGQUIT" : "SIGINT");
    }
    await wait(20);
  }
  rmSync(path.join(cluster, PID_FILE), { force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the same moment, or is not ours: the deadline says so.
  }
}
