import { existsSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Environment } from "../../kernel/env.ts";
import { AppError } from "../../kernel/errors.ts";
import { portProblem } from "../../postgres/ports.ts";
import { openDataFolder } from "../data-folder.ts";
import { isBuildFresh } from "../build.ts";
import { holderOf } from "../instance.ts";
import { isDemo, listenAddress } from "../settings.ts";
import { HOW_TO_GET_CHROMIUM, systemChromium } from "./chromium.ts";
import { attention, fault, ok, type Finding } from "./findings.ts";

const OLDEST_NODE = 24;
const NEEDED = ["next", "react", "pg", "pg-boss", "pino", "zod", "@prisma/client", "@prisma/adapter-pg"];
const LITTLE_SPACE_GB = 2;
const NO_SPACE_GB = 0.3;

export function checkNode(project: string): Finding {
  const major = Number.parseInt(process.versions.node, 10);
  const bundled = process.execPath.startsWith(path.join(project, "node_modules"));
  const where = bundled ? "of node_modules" : `of the host, ${process.execPath}`;
  if (major < OLDEST_NODE) return fault(`${process.version} (${where}): ${OLDEST_NODE} or newer is needed`);
  return ok(`${process.version} (${where})`);
}

export function checkPackages(project: string): Finding {
  const require = createRequire(path.join(project, "package.json"));
  const missing = NEEDED.filter((name) => !require.resolve.paths(name)?.some((at) => existsSync(path.join(at, name))));
  if (missing.length) return fault(`missing: ${missing.join(", ")}. Run npm install`);
  if (!existsSync(path.join(project, "server/generated/prisma/client.ts")))
    return fault("the database client is not generated. Run npm install, or node prisma/generate.mjs");
  return ok("complete");
}

export function checkDataFolder(project: string, env: Environment): Finding {
  try {
    const { root } = openDataFolder(project, env.OSF_DATA_DIR);
    return ok(`${root} is writable`);
  } catch (error) {
    if (error instanceof AppError) return fault(error.message);
    throw error;
  }
}

export function checkSpace(project: string): Finding {
  const { bavail, bsize } = statfsSync(project);
  const free = (Number(bavail) * Number(bsize)) / 1e9;
  const text = `${free.toFixed(1)} GB free`;
  if (free < NO_SPACE_GB) return fault(`${text}: make room`);
  return free < LITTLE_SPACE_GB ? attention(`${text}: little for a database and a build`) : ok(text);
}

export async function checkPort(dataRoot: string, env: Environment): Promise<Finding> {
  const running = await holderOf(dataRoot, "instance");
  if (running?.url) return ok(`this installation is running at ${running.url} (pid ${running.pid})`);
  const problem = await portProblem(env.PORT, listenAddress(env));
  if (!problem) return ok(`${listenAddress(env)}:${env.PORT} is free`);
  const text = `${listenAddress(env)}:${env.PORT} cannot be used (${problem})`;
  return isDemo(env) && problem === "EADDRINUSE"
    ? attention(`${text}: unless PORT is set, the start takes the next free one`)
    : fault(`${text}: choose another with PORT or HOST`);
}

export function checkBuild(project: string): Finding {
  return isBuildFresh(project)
    ? ok("up to date")
    : attention("missing or older than the sources: the start builds them");
}

export function checkChromium(): Finding {
  const found = systemChromium();
  return found ? ok(found) : attention(`for npm test only: ${HOW_TO_GET_CHROMIUM}`);
}
