import { existsSync } from "node:fs";
import path from "node:path";
import { EnvironmentError } from "../kernel/env.ts";
import { locateDataFolder } from "./data-folder.ts";
import type { Finding } from "./doctor/findings.ts";
import {
  checkBuild,
  checkChromium,
  checkDataFolder,
  checkNode,
  checkPackages,
  checkPort,
  checkSpace,
} from "./doctor/machine.ts";
import { checkDatabase, checkModel, checkRoot } from "./doctor/services.ts";
import { readWholeEnvironment } from "./upstreams.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** `npm run doctor`: whether this machine and these settings will do, and what to change. Exit code 1 on a fault. */
const PROJECT = path.resolve(import.meta.dirname, "../..");

async function examine(terminal: Terminal): Promise<boolean> {
  const file = path.join(PROJECT, ".env");
  if (existsSync(file)) process.loadEnvFile(file);
  const { env } = readWholeEnvironment();
  terminal.done("environment", existsSync(file) ? "valid, with .env" : "valid");
  const data = locateDataFolder(PROJECT, env.OSF_DATA_DIR);
  const checks: [part: string, check: () => Finding | Promise<Finding>][] = [
    ["node", () => checkNode(PROJECT)],
    ["packages", () => checkPackages(PROJECT)],
    ["data folder", () => checkDataFolder(PROJECT, env)],
    ["disk", () => checkSpace(PROJECT)],
    ["port", () => checkPort(data.root, env)],
    ["database", () => checkDatabase(env)],
    ["user", () => checkRoot(data.postgres, env)],
    ["pages", () => checkBuild(PROJECT)],
    ["model free", () => checkModel("free", env)],
    ["model premium", () => checkModel("premium", env)],
    ["browser", () => checkChromium()],
  ];
  let healthy = true;
  for (const [part, check] of checks) {
    const { state, text } = await check();
    if (state === "ok") terminal.done(part, text);
    else terminal[state](part, text);
    healthy &&= state !== "fault";
  }
  return healthy;
}

const terminal = openTerminal();
try {
  if (!(await examine(terminal))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  for (const problem of error.problems) terminal.fault("environment", problem);
  process.exitCode = 1;
}
