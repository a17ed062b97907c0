import { spawn, type ChildProcess } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { messagesOf, type Message } from "../message.ts";
import { Closed, NotMcp } from "../wire-errors.ts";
import { watchMemory } from "./memory-watch.ts";

/**
 * A shell that holds one program with its limits and ends the whole group when the life line, descriptor 3, closes: that
 * is when the gateway is gone, by whatever death. It outlives SIGTERM, so that the program has its time. Data segments
 * are bounded and not addresses: Node reserves many more of these than it uses.
 */
const GUARD = `
ulimit -c 0
ulimit -d $1 2>/dev/null
shift
trap : TERM
exec 4<&0
"$@" <&4 3<&- 4<&- &
program=$!
exec 4<&- </dev/null
(
  trap '' TERM
  read -r _ <&3
  kill -TERM -$$
  sleep 5
  kill -KILL -$$
) >/dev/null 2>&1 &
watcher=$!
exec 3<&- >/dev/null
while wait $program; code=$?; kill -0 $program 2>/dev/null; do :; done
kill -KILL $watcher 2>/dev/null
exit $code
`;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** What may wait to be read by a program that does not read. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const KILL_AFTER_MS = 5_000;
const LAST_WORDS_MS = 500;
/** What a runtime reserves and does not use: by so much is the hard limit of each process above the watched one. */
const SLACK_MB = 1_024;

export interface ChildOptions {
  command: string;
  args: string[];
  /** All that it gets. */
  env: Record<string, string>;
  cwd: string;
  /** Another user where the gateway may choose one. */
  uid?: number | undefined;
  /** Megabytes of resident memory of it and what it started. */
  memoryMb: number;
  heard(message: Message): void;
  /** A line of its standard error, or one of its output that is no message. */
  said(line: string): void;
}

/** A child process that speaks JSON-RPC, a message a line. */
export interface StdioChild {
  readonly pid: number | undefined;
  /** Throws Closed where it is gone: nothing was sent. */
  send(message: Message): void;
  /** Resolves when it is gone: how, as the end of a sentence. */
  readonly ended: Promise<string>;
  /** Ends it and whatever it started: kindly first, then not. */
  close(): Promise<void>;
}

export function startChild(options: ChildOptions): StdioChild {
  const { command, args, env, cwd, uid, memoryMb, heard, said } = options;
  const child = spawn("/bin/sh", ["-c", GUARD, "guard", String((memoryMb + SLACK_MB) * 1024), command, ...args], {
    cwd,
    env: env as NodeJS.ProcessEnv, // whose type wants NODE_ENV, which is no matter of this program
    ...(uid !== undefined && { uid, gid: uid }),
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    // A group of its own: it is ended as a whole, and Ctrl-C does not reach it.
    detached: true,
  });
  let gone = false;
  let because: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      gone = true;
      signalGroup(child, "SIGKILL"); // whatever it left behind
      child.stdio[3]?.destroy();
      // Its last words are read first, unless somebody who left the group still holds the pipes.
      const told = () => resolve(because ?? endOf(code, signal));
      child.once("close", told);
      setTimeout(told, LAST_WORDS_MS).unref();
    });
    child.once("error", (error) => {
      gone = true;
      resolve(`it could not be started: ${error.message}`);
    });
  });
  for (const stream of child.stdio) stream?.on("error", () => undefined); // `ended` tells
  const kill = (why: string) => {
    because ??= why;
    signalGroup(child, "SIGKILL");
  };

  const unwatch =
    child.pid === undefined
      ? () => undefined
      : watchMemory(child.pid, memoryMb, () => kill(`it took more than ${memoryMb} MB of memory`));
  void ended.then(unwatch);

  lines(
    child.stdout,
    MAX_MESSAGE_BYTES,
    (line) => {
      if (!line.trim()) return;
      // Not few programs greet on the standard output before they begin.
      if (!/^\s*[{[]/.test(line)) return said(line);
      try {
        messagesOf(line).forEach(heard);
      } catch (error) {
        if (!(error instanceof NotMcp)) throw error;
        said(`(not a message) ${line.slice(0, 500)}`);
      }
    },
    () => kill("it sent a message of more than 16 MB"),
  );
  lines(child.stderr, 64 * 1024, said, () => undefined);

  return {
    pid: child.pid,
    ended,
    send(message) {
      if (gone || !child.stdin.writable) throw new Closed();
      if (child.stdin.writableLength > MAX_WAITING_BYTES) {
        kill("it does not read what it is sent");
        throw new Closed();
      }
      child.stdin.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      if (gone) return;
      because ??= "it was stopped";
      child.stdin.end();
      signalGroup(child, "SIGTERM");
      const late = setTimeout(() => signalGroup(child, "SIGKILL"), KILL_AFTER_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  // The conventions of shells: not found, not executable, ended by a signal.
  if (code === 127) return "its command was not found";
  if (code === 126) return "its command may not be executed";
  if (signal) return `its process was ended by ${signal}`;
  return code !== null && code > 128
    ? `its process was ended by signal ${code - 128}`
    : `its process ended with code ${code}`;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** Calls back with each line; of one that is longer than `most` bytes, with what there is of it, and `tooLong`. */
function lines(stream: NodeJS.ReadableStream, most: number, line: (text: string) => void, tooLong: () => void): void {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  const flush = () => {
    const text = parts.join("");
    parts = [];
    length = 0;
    line(text.endsWith("\r") ? text.slice(0, -1) : text);
  };
  stream.on("data", (chunk: Buffer) => {
    const text = decoder.write(chunk);
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      parts.push(text.slice(from, at));
      flush();
      from = at + 1;
    }
    const rest = text.slice(from);
    if (!rest) return;
    parts.push(rest);
    length += rest.length;
    if (length <= most) return;
    tooLong();
    flush();
  });
  stream.on("end", () => parts.length && flush());
}
