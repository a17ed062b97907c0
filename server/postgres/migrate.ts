import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { AppError } from "../kernel/errors.ts";

/** The lock that Prisma itself takes: `prisma migrate deploy` at the same time waits for us, and we for it. */
const PRISMA_LOCK = 72_707_369;

/** Prisma's own definition of its table. */
const TABLE = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}
interface Recorded {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
  logs: string | null;
}

/**
 * Applies what is missing of `folder` (`<name>/migration.sql`) and returns the names it applied. Records them exactly as
 * `prisma migrate deploy` does, without starting Prisma. Throws `AppError` when an earlier migration failed, when one
 * was changed after it had been applied, and when one fails now.
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [PRISMA_LOCK]);
    await client.query(TABLE);
    const pending = missingMigrations(readMigrations(folder), await recordedMigrations(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // gives the lock back
  }
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(folder, entry.name, "migration.sql")))
    .map(({ name }) => {
      const sql = readFileSync(path.join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function recordedMigrations(client: pg.Client): Promise<Recorded[]> {
  const { rows } = await client.query<Recorded>(
    "select migration_name, checksum, finished_at, logs from _prisma_migrations where rolled_back_at is null",
  );
  return rows;
}

function missingMigrations(found: Migration[], recorded: Recorded[]): Migration[] {
  const failed = recorded.find((row) => !row.finished_at);
  if (failed)
    throw new AppError(
      "conflict",
      "migration.failed",
      `The migration ${failed.migration_name} failed earlier${failed.logs ? ` (${firstLine(failed.logs)})` : ""}. Put the database right, then run: npx prisma migrate resolve --rolled-back ${failed.migration_name}`,
    );
  const checksums = new Map(recorded.map((row) => [row.migration_name, row.checksum]));
  const changed = found.find(({ name, checksum }) => checksums.has(name) && checksums.get(name) !== checksum);
  if (changed)
    throw new AppError(
      "conflict",
      "migration.changed",
      `The migration ${changed.name} was changed after it had been applied to this database. Restore the file; a change needs a migration of its own`,
    );
  return found.filter(({ name }) => !checksums.has(name));
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID();
  await client.query("insert into _prisma_migrations (id, checksum, migration_name) values ($1, $2, $3)", [
    id,
    checksum,
    name,
  ]);
  try {
    // One simple query with several statements is one transaction, unless the file says otherwise.
    await client.query(sql);
  } catch (cause) {
    await client.query("rollback").catch(() => undefined);
    await client.query("update _prisma_migrations set logs = $2 where id = $1", [id, String(cause)]);
    throw new AppError("conflict", "migration.failed", `The migration ${name} failed: ${firstLine(String(cause))}`, {
      cause,
    });
  }
  await client.query("update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = $1", [id]);
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";
