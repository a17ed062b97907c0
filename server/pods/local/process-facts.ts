import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const PAGE_MB = 4_096 / 1_048_576;
const isMissing = (error: unknown) => ["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "");

export interface ProcessFacts {
  /** Tells a process from a later one with the same id. */
  startTime: string;
  /** Resident memory in megabytes. */
  memoryMb: number;
}

/** Undefined: there is no such process, or it is a zombie. By proc(5) on Linux, by `ps` elsewhere. */
export async function factsOf(pid: number): Promise<ProcessFacts | undefined> {
  if (process.platform !== "linux") return factsByPs(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from field 3 on
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return { startTime: fields[19] ?? "", memoryMb: Math.round(Number(fields[21]) * PAGE_MB) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function factsByPs(pid: number): Promise<ProcessFacts | undefined> {
  const answer = await run("ps", ["-o", "lstart=,rss=", "-p", String(pid)]).catch(() => undefined);
  const found = answer && /^(.+?)\s+(\d+)\s*$/.exec(answer.stdout.trim());
  return found ? { startTime: found[1] ?? "", memoryMb: Math.round(Number(found[2]) / 1_024) } : undefined;
}
