import pg from "pg";
import type { Deps } from "../deps.ts";

/**
 * Connections for the queue, the leases and the group writer alone: however busy the others are, a worker keeps what it
 * holds. Their statements are few, known and prepared once, perhaps while the tables are still small enough to be read
 * whole: they must not be planned so, because they stay when the tables have grown.
 */
export function openWorkerPool({ settings, log }: Pick<Deps, "settings" | "log">): pg.Pool {
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    options: "-c enable_seqscan=off",
    max: 3,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  pool.on("error", (err) => log.warn({ err }, "database connection lost"));
  return pool;
}
