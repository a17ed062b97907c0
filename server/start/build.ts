import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { AppError } from "../kernel/errors.ts";
import { compressFolder } from "./compress.ts";
import { claim } from "./instance.ts";
import { fingerprintSources } from "./sources.ts";
import { openTerminal } from "./terminal.ts";

const PROJECT = path.resolve(import.meta.dirname, "../..");
const LINES_SHOWN = 40;

export interface BuildOptions {
  project: string;
  progress(line: string): void;
  /** Ends a build that runs. */
  signal?: AbortSignal;
}

const buildFolder = (project: string) => path.join(project, ".next");
const fingerprintFile = (project: string) => path.join(buildFolder(project), "osf-sources");
const lockFolder = (project: string) => path.join(buildFolder(project), "cache"); // next build empties all but this

/** Whether `.next` holds a complete build of the sources as they are. */
export function isBuildFresh(project: string, fingerprint = fingerprintSources(project)): boolean {
  if (!existsSync(path.join(buildFolder(project), "BUILD_ID")) || !existsSync(fingerprintFile(project))) return false;
  return readFileSync(fingerprintFile(project), "utf8").trim() === fingerprint;
}

/** Builds the pages where the build is missing or older than its sources; returns whether it had to. */
export async function ensureBuild(options: BuildOptions): Promise<boolean> {
  if (isBuildFresh(options.project)) return false;
  mkdirSync(lockFolder(options.project), { recursive: true });
  // Two starts from one folder build once: the second waits, then finds it done.
  let held = await claim(lockFolder(options.project), "building");
  while ("heldBy" in held) {
    options.progress(`process ${held.heldBy.pid} is building`);
    await wait(300, undefined, options.signal && { signal: options.signal });
    held = await claim(lockFolder(options.project), "building");
  }
  try {
    if (isBuildFresh(options.project)) return false;
    await build(options);
    return true;
  } finally {
    await held.release();
  }
}

async function build({ project, progress, signal }: BuildOptions): Promise<void> {
  // Taken before: what changes while it builds makes the build stale.
  const fingerprint = fingerprintSources(project);
  const next = path.join(project, "node_modules/next/dist/bin/next");
  const child = spawn(process.execPath, [next, "build"], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const endGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nobody is left in the group.
    }
  };
  signal?.addEventListener("abort", endGroup, { once: true });
  process.once("exit", endGroup);

  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      const text = stripVTControlCharacters(line).trim();
      if (!text) return;
      said.push(text);
      progress(text.replace(/^[^\p{L}\d]+/u, ""));
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve); // after the last line
  });
  signal?.removeEventListener("abort", endGroup);
  process.removeListener("exit", endGroup);
  signal?.throwIfAborted();
  const report = path.join(lockFolder(project), "build.log");
  writeFileSync(report, `${said.join("\n")}\n`);
  if (code !== 0)
    throw new AppError(
      "unavailable",
      "build.failed",
      `The pages could not be built:\n${said.slice(-LINES_SHOWN).join("\n")}\nAll of it: ${report}`,
    );
  progress("compressing scripts and styles");
  await compressFolder(path.join(buildFolder(project), "static"));
  signal?.throwIfAborted();
  writeFileSync(fingerprintFile(project), `${fingerprint}\n`);
}

// npm run build
if (import.meta.main) {
  const terminal = openTerminal();
  const began = performance.now();
  Object.assign(process.env, { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" });
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit(1));
  try {
    const built = await ensureBuild({
      project: PROJECT,
      progress: (line) => terminal.progress("pages", line),
    });
    terminal.done("pages", built ? "built" : "built already", began);
  } catch (error) {
    terminal.fault("pages", error instanceof AppError ? error.message : String(error));
    process.exitCode = 1;
  }
}
