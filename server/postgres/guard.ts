import { spawn, type ChildProcess } from "node:child_process";
import { PROGRAM_ENV } from "./identity.ts";

/**
 * A shell that holds one program and ends it when its own standard input closes, that is when whoever started it is
 * gone, by whatever death. SIGINT is PostgreSQL's fast shutdown. It is repeated because the first may come before the
 * program listens; after a minute SIGQUIT ends it without ceremony (safe: the log is replayed at the next start).
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
(
  while read -r _; do :; done <&3
  tries=0
  while kill -0 $program 2>/dev/null; do
    if [ $tries -lt 60 ]; then kill -INT $program; else kill -QUIT $program; fi
    tries=$((tries + 1))
    sleep 1
  done
) 2>/dev/null &
watcher=$!
exec 3<&-
wait $program
code=$?
kill $watcher 2>/dev/null
exit $code
`;

export interface Guarded {
  /** Resolves with the exit code when the program is gone. */
  ended: Promise<number | null>;
  /** Asks the program to shut down. */
  release(): void;
  /** Ends program and guard at once. */
  kill(): void;
}

/** Starts `command` so that it ends with this process. Its output goes to the file descriptor `log`. */
export function guard(command: string[], { cwd, log }: { cwd: string; log: number }): Guarded {
  const child: ChildProcess = spawn("/bin/sh", ["-c", GUARD, "guard", ...command], {
    cwd,
    env: PROGRAM_ENV,
    stdio: ["pipe", log, log],
    // A group of its own: Ctrl-C in the terminal must not reach the database before its clients are gone.
    detached: true,
  });
  child.stdin?.on("error", () => undefined); // the guard may be gone before the pipe is closed
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      child.stdin?.destroy();
      resolve(code);
    });
    child.once("error", () => resolve(null));
  });
  return {
    ended,
    release: () => child.stdin?.end(),
    kill() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The group ended in the same moment.
      }
    },
  };
}
