import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readEnvironment } from "#server/kernel/env.ts";
import { ensureDatabase, runningCluster, startCluster } from "#server/postgres/cluster.ts";
import { openDataFolder } from "#server/start/data-folder.ts";
import { DATABASE } from "#server/start/database.ts";
import { claim } from "#server/start/instance.ts";
import path from "node:path";

const PROJECT = path.resolve(import.meta.dirname, "..");

/**
 * `node prisma/with-database.ts COMMAND …` runs a command with DATABASE_URL set to the embedded database, which is
 * started for it unless the product is running. A DATABASE_URL of the environment is left as it is.
 */
async function main([program = "", ...args]: string[]): Promise<number> {
  const file = path.join(PROJECT, ".env");
  if (existsSync(file)) process.loadEnvFile(file);
  const env = readEnvironment();
  if (env.DATABASE_URL) return run(program, args, {});
  const data = openDataFolder(PROJECT, env.OSF_DATA_DIR);
  const claimed = await claim(data.root, "instance");
  if ("heldBy" in claimed) {
    const url = runningCluster(data.postgres, DATABASE);
    if (url) return run(program, args, { DATABASE_URL: url });
    console.error(
      `The data folder is in use (pid ${claimed.heldBy.pid}), and its database does not run yet. Try again`,
    );
    return 1;
  }
  const cluster = await startCluster({ folder: data.postgres });
  try {
    await ensureDatabase(cluster, DATABASE);
    return await run(program, args, { DATABASE_URL: cluster.url(DATABASE) });
  } finally {
    await cluster.stop();
  }
}

function run(program: string, args: string[], environment: Record<string, string>): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...environment } });
  process.on("SIGTERM", () => child.kill());
  process.on("SIGINT", () => undefined); // the terminal sends Ctrl-C to the command too; the database ends after it
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main(process.argv.slice(2));
