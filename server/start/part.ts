import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AppError } from "../kernel/errors.ts";
import { startProcess, type PartProcess } from "./child.ts";
import { tellDeaths, type StartContext } from "./context.ts";
import { openPartLog, type PartLog } from "./part-log.ts";
import type { PartName } from "./running.ts";
import { supervise, type Life } from "./supervise.ts";

export interface PartSpec {
  name: PartName;
  /** Entry file below the project's folder. */
  file: string;
  config: unknown;
  readyDeadlineMs?: number;
  stopDeadlineMs?: number;
}

/** Opens `.data/logs/<part>.log`; the person sees warnings, and in development everything. */
export function openLog({ data, terminal, dev }: StartContext, part: PartName): PartLog {
  const show = (line: string) => (dev ? terminal.note(`${part}: ${line}`) : terminal.attention(part, line));
  return openPartLog(path.join(data.logs, `${part}.log`), show, { all: dev });
}

/** Starts a part that runs until the product stops, and again whenever it dies. Returns what it told about itself. */
export async function startPart(context: StartContext, spec: PartSpec): Promise<unknown> {
  const { name, stopDeadlineMs = 20_000 } = spec;
  const log = openLog(context, name);
  let first: PartProcess | undefined;
  const start = async (): Promise<Life> => {
    const process = await startProcess(processOf(context, spec), log);
    first ??= process;
    // Others were told where it is; a part that came back elsewhere is lost to them.
    if (!isDeepStrictEqual(process.info, first.info)) {
      process.kill();
      throw new AppError("unavailable", "part.moved", `${name} came back at another address`);
    }
    return { ended: process.ended, kill: process.kill, stop: () => process.stop(stopDeadlineMs) };
  };
  const part = await supervise(start, tellDeaths(context, name, log.file));
  context.running.add(name, {
    kill: part.kill,
    async stop() {
      await part.stop();
      await log.close();
    },
  });
  return first?.info;
}

/** Runs a part that does one thing and ends. Returns what it told. */
export async function runOnce(context: StartContext, spec: PartSpec): Promise<unknown> {
  const log = openLog(context, spec.name);
  try {
    const process = await startProcess(processOf(context, spec), log);
    await process.stop(10_000);
    return process.info;
  } finally {
    await log.close();
  }
}

const processOf = ({ project }: StartContext, { name, file, config, readyDeadlineMs = 30_000 }: PartSpec) => ({
  name,
  file: path.join(project, file),
  config,
  readyDeadlineMs,
});
