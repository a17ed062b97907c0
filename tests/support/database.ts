import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { ensureDatabase, startCluster } from "#server/postgres/cluster.ts";
import { migrate } from "#server/postgres/migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The throw-away cluster: an address to administer it, and the migrated database that copies are made of. */
    testCluster: { url: string; template: string };
  }
}

const PREFIX = "osf-test-";
const MIGRATIONS = path.resolve(import.meta.dirname, "../../prisma/migrations");

/** vitest's global setup: one throw-away PostgreSQL for the whole run. It ends with the run, however that ends. */
export default async function setup(project: TestProject) {
  removeAbandoned();
  const folder = mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  const cluster = await startCluster({ folder, durable: false, connections: 300 });
  const template = `template_${randomBytes(4).toString("hex")}`;
  await ensureDatabase(cluster, template);
  await migrate(cluster.url(template), MIGRATIONS);
  project.provide("testCluster", { url: cluster.url("postgres"), template });
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Folders of runs that were killed. */
function removeAbandoned(): void {
  for (const name of readdirSync(os.tmpdir())) {
    const pid = Number(/^osf-test-(\d+)-/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, and another user's
  }
}
