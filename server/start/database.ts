import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { AppError, isDatabaseAway } from "../kernel/errors.ts";
import { ensureDatabase, startCluster } from "../postgres/cluster.ts";
import { migrate } from "../postgres/migrate.ts";
import { tellDeaths, type StartContext } from "./context.ts";
import { supervise } from "./supervise.ts";

export const DATABASE = "osf";
const OLDEST_VERSION = 15;
const PATIENCE_MS = 30_000; // a database that starts beside us (Compose, Kubernetes) may come later
const STOP_DEADLINE_MS = 30_000;

/** The database of this start, migrated: the one of DATABASE_URL, or the embedded one. Returns its address. */
export async function openDatabase(context: StartContext): Promise<string> {
  const { env, terminal, project } = context;
  const began = performance.now();
  const url = env.DATABASE_URL ?? (await startEmbedded(context));
  const version = await waitForServer(url, context);
  const { hostname, port } = new URL(url);
  terminal.done("database", `PostgreSQL ${version} at ${hostname}:${port || 5432}`, began);

  const migrating = performance.now();
  const applied = await migrate(url, path.join(project, "prisma/migrations"));
  terminal.done("migrations", applied.length ? `${applied.length} applied` : "none pending", migrating);
  return url;
}

async function startEmbedded(context: StartContext): Promise<string> {
  const { data, running, signal } = context;
  let port: number | undefined;
  const start = async () => {
    const cluster = await startCluster({ folder: data.postgres, ...(port ? { port } : {}) });
    port ??= cluster.port;
    return {
      cluster,
      ended: cluster.ended.then((code) => `ended with code ${code}`),
      kill: cluster.kill,
      async stop() {
        const patience = setTimeout(cluster.kill, STOP_DEADLINE_MS);
        await cluster.stop();
        clearTimeout(patience);
      },
    };
  };
  const life = await supervise(start, tellDeaths(context, "database", path.join(data.postgres, "server.log")));
  running.add("database", life);
  signal.throwIfAborted();
  const { cluster } = life.current();
  await ensureDatabase(cluster, DATABASE);
  return cluster.url(DATABASE);
}

/** Waits until the server answers; returns its version. */
async function waitForServer(url: string, { signal, terminal }: Pick<StartContext, "signal" | "terminal">) {
  const began = performance.now();
  for (let told = false; ;) {
    try {
      return await serverVersion(url);
    } catch (error) {
      if (!isDatabaseAway(error) || performance.now() - began > PATIENCE_MS) throw unusable(url, error);
      if (!told) terminal.attention("database", `no answer from ${new URL(url).host} yet (${brief(error)}); waiting`);
      told = true;
      await wait(500, undefined, { signal });
    }
  }
}

/** The server's version, for example `18.4`. Throws AppError when it is too old. */
export async function serverVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    const version = rows[0]?.server_version.split(" ")[0] ?? "";
    if (Number.parseInt(version, 10) < OLDEST_VERSION)
      throw new AppError(
        "unavailable",
        "database.old",
        `PostgreSQL ${version} is too old: ${OLDEST_VERSION} or newer is needed`,
      );
    return version;
  } finally {
    await client.end().catch(() => undefined); // it may never have been connected
  }
}

function unusable(url: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { host, pathname } = new URL(url);
  return new AppError(
    "unavailable",
    "database.away",
    `The database ${pathname.slice(1)} at ${host} cannot be used (${brief(cause)}). Check that it runs, and check DATABASE_URL`,
    { cause },
  );
}

/** Node reports a refused connection as several errors without a message of their own. */
const brief = (error: unknown) =>
  error instanceof AggregateError
    ? String((error.errors[0] as Error).message) // a list of connection errors
    : error instanceof Error
      ? error.message
      : String(error);
