import { readFileSync, readdirSync } from "node:fs";

const EVERY_MS = 1_000;
const PAGE_BYTES = 4_096;
const MOST_PROCESSES = 500;

/**
 * Calls back once when a process and what it started hold more memory than that. Only where there is /proc; elsewhere
 * the shell's limit alone holds. Answers what ends it.
 */
export function watchMemory(pid: number, memoryMb: number, exceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (residentBytes(pid) <= memoryMb * 1024 * 1024) return;
    clearInterval(timer);
    exceeded();
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function residentBytes(root: number): number {
  let bytes = 0;
  const open = [root];
  for (let seen = 0; open.length > 0 && seen < MOST_PROCESSES; seen++) {
    const pid = open.pop()!;
    try {
      bytes += Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
      for (const task of readdirSync(`/proc/${pid}/task`))
        for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
          if (child) open.push(Number(child));
    } catch {
      // ended in this moment, or a system without /proc
    }
  }
  return bytes;
}
