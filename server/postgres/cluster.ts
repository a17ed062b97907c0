import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { AppError } from "../kernel/errors.ts";
import { findBinaries } from "./binaries.ts";
import { guard } from "./guard.ts";
import { chooseIdentity, PROGRAM_ENV, type Identity } from "./identity.ts";
import { freePort } from "./ports.ts";
import { clearCluster, runningPostmaster } from "./postmaster.ts";

const run = promisify(execFile);
const START_DEADLINE_MS = 60_000; // replaying the log after a crash may take its time

/** A running PostgreSQL of our own, listening on loopback only. */
export interface Cluster {
  port: number;
  /** Address of a database in it, with the password. */
  url(database: string): string;
  /** Resolves with the exit code when the server is gone, wanted or not. */
  ended: Promise<number | null>;
  /** Ends it in order: connections are closed, nothing is lost. */
  stop(): Promise<void>;
  kill(): void;
}

export interface ClusterOptions {
  /** Holds `cluster/` (the data), `port`, `password` and `server.log`. */
  folder: string;
  /** false: for throw-away databases; faster, and lost when the machine fails. */
  durable?: boolean;
  connections?: number;
  /** Insists on this port (a restart, when others hold the address); otherwise that of the last start if it is free. */
  port?: number;
}

/** Starts the embedded PostgreSQL on `folder`, which is made at the first start. It ends when this process ends. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, durable = true, connections = 100 } = options;
  const root = path.resolve(folder);
  const data = path.join(root, "cluster");
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const [binaries, identity] = await Promise.all([findBinaries(), chooseIdentity(data)]);
  if (!existsSync(path.join(data, "PG_VERSION"))) await initialise(root, data, binaries.initdb, identity, durable);
  await clearCluster(data);
  await identity.own(data); // made in a namespace, now without

  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", `max_connections=${connections}`];
  settings.push("shared_buffers=128MB", "jit=off", "timezone=UTC");
  if (!durable) settings.push("fsync=off", "synchronous_commit=off", "full_page_writes=off");
  const started = performance.now();
  for (;;) {
    // The port of the last start, so that addresses people noted stay true.
    const port = options.port ?? (await freePort(Number(readIfThere(path.join(root, "port"))) || 0));
    writeFileSync(path.join(root, "port"), String(port));
    const log = openSync(path.join(root, "server.log"), "w");
    const command = [binaries.postgres, "-D", data, "-p", String(port), ...settings.flatMap((line) => ["-c", line])];
    const guarded = guard([...identity.prefix, ...command], { cwd: root, log });
    closeSync(log);
    if (await becomesReady(data, guarded.ended, started + START_DEADLINE_MS))
      return {
        port,
        url: (database) => addressOf(root, port, database),
        ended: guarded.ended,
        async stop() {
          guarded.release();
          await guarded.ended;
        },
        kill: guarded.kill,
      };
    guarded.kill();
    const report = lastComplaint(path.join(root, "server.log"));
    // The processes of a server that was killed hold its shared memory for a moment; a port can be lost to another.
    if (/shared memory block|Address already in use|lock file/.test(report) && performance.now() - started < 15_000)
      await wait(200);
    else
      throw new AppError(
        "unavailable",
        "postgres.start",
        `The embedded PostgreSQL does not start: ${report}. Its log: ${path.join(root, "server.log")}`,
      );
  }
}

async function becomesReady(data: string, ended: Promise<unknown>, deadline: number): Promise<boolean> {
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  while (!gone.signal.aborted && performance.now() < deadline) {
    if (runningPostmaster(data)?.ready) return true;
    await wait(10);
  }
  return false;
}

/** Address of a database on the cluster that runs in this folder, or undefined when none runs. */
export function runningCluster(folder: string, database: string): string | undefined {
  const root = path.resolve(folder);
  const found = runningPostmaster(path.join(root, "cluster"));
  return found?.ready ? addressOf(root, found.port, database) : undefined;
}

/** Creates the database unless it exists. */
export async function ensureDatabase(cluster: Pick<Cluster, "url">, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.url("postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** Made beside its place and moved there: an interrupted first start leaves no half-made cluster. */
async function initialise(root: string, data: string, initdb: string, identity: Identity, durable: boolean) {
  const fresh = path.join(root, "cluster.new");
  const passwordFile = path.join(root, "password");
  rmSync(fresh, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  await identity.own(fresh);
  writeFileSync(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  const options = ["-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8"];
  // The built-in collation is the same on every system; those of the system change under an index.
  options.push("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  if (!durable) options.push("--no-sync");
  const [program = "", ...args] = [...identity.prefix, initdb, "-D", fresh, ...options];
  try {
    await run(program, args, { env: PROGRAM_ENV, cwd: root });
  } catch (cause) {
    const said = (cause as { stderr?: unknown }).stderr; // execFile puts the output there
    throw new AppError(
      "unavailable",
      "postgres.init",
      `The embedded PostgreSQL could not be created in ${root}: ${String(said ?? cause).trim()}`,
      { cause },
    );
  }
  renameSync(fresh, data);
}

function addressOf(root: string, port: number, database: string): string {
  const password = encodeURIComponent(readIfThere(path.join(root, "password")));
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "";
}

function lastComplaint(log: string): string {
  const lines = readIfThere(log).split("\n");
  const complaint = lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1);
  return complaint?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, "") || "it said nothing";
}
