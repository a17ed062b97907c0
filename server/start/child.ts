import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../kernel/errors.ts";
import type { FromPart, ToPart } from "../kernel/part.ts";
import type { PartLog } from "./part-log.ts";

/** One process of a part, from its start to its end. */
export interface PartProcess {
  pid: number;
  info: unknown;
  /** Resolves when it is gone: how it ended, in words. */
  ended: Promise<string>;
  stop(deadlineMs: number): Promise<void>;
  kill(): void;
}

export interface PartFile {
  name: string;
  file: string;
  config: unknown;
  readyDeadlineMs: number;
}

/** Starts `file` (see `kernel/part.ts`) and resolves when it says that it is ready. */
export async function startProcess(
  { name, file, config, readyDeadlineMs }: PartFile,
  log: PartLog,
): Promise<PartProcess> {
  // A signal of the same user would open the inspector, and with it everything, to whoever reaches the port.
  const flags = ["--disable-sigusr1", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, file], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: Ctrl-C reaches only the launcher, and the whole group can be ended at once.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) if (stream) log.follow(stream);
  const kill = () => killGroup(child);
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => {
      kill(); // whatever it left behind
      resolve(signal ? `ended by ${signal}` : `ended with code ${code}`);
    });
    child.once("error", (error) => resolve(error.message));
  });
  const send = (message: ToPart) => {
    if (child.connected) child.send(message, () => undefined); // a broken channel: `ended` follows
  };

  try {
    const info = await new Promise<unknown>((resolve, reject) => {
      child.on("message", (message: FromPart) => {
        if (message.type === "ready") resolve(message.info);
        else if (message.type === "failed") reject(new Error(message.message));
      });
      void ended.then((how) => reject(new Error(log.lastWords() || how)));
      void wait(readyDeadlineMs, undefined, { ref: false }).then(() =>
        reject(new Error(`not ready after ${readyDeadlineMs / 1_000} s`)),
      );
      send({ type: "start", config });
    });
    return {
      pid: child.pid ?? 0,
      info,
      ended,
      kill,
      async stop(deadlineMs) {
        send({ type: "stop" });
        const patience = new AbortController();
        await Promise.race([ended, wait(deadlineMs, undefined, patience).catch(() => undefined)]);
        patience.abort();
        kill();
        await ended;
      },
    };
  } catch (cause) {
    kill();
    throw new AppError(
      "unavailable",
      "part.start",
      `${name} does not start: ${(cause as Error).message}. Its log: ${log.file}`,
      { cause },
    );
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
}
