import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { StepRecord } from "#server/engine/contract.ts";
import { RunWorker, startRunNow, watchRun } from "#server/features/runs/index.ts";
import { openDatabase } from "#server/kernel/db.ts";
import { openLive } from "#server/kernel/live.ts";
import { createLog } from "#server/kernel/log.ts";
import type { Settings } from "#server/kernel/settings.ts";
import { ensureDatabase, startCluster } from "#server/postgres/cluster.ts";
import { migrate } from "#server/postgres/migrate.ts";
import { BENCH_ACTOR } from "./bench-actor.ts";
import { ms, quantile } from "./quantile.ts";

const SECONDS = 8;
const STEPS = 10;

/** What an engine tells of one message through a chain of ten nodes. */
function records(): StepRecord[] {
  const all: StepRecord[] = [];
  for (let seq = 1; seq <= STEPS; seq++) {
    const at = Date.now();
    const step = { seq, node: `node${seq}`, type: "change", from: seq === 1 ? null : seq - 1, port: 0, at };
    const msg = JSON.stringify({
      _msgid: "0123456789abcdef",
      topic: "bench",
      payload: { n: seq, text: "x".repeat(100) },
    });
    all.push({ ...step, state: "queued", msg }, { ...step, state: "running", startedAt: at });
    all.push({ ...step, state: "done", startedAt: at, durationMs: 0.1 });
  }
  return all;
}

/** Processor seconds that PostgreSQL used so far, its ended backends included. */
function postgresSeconds(postmaster: number): number {
  let ticks = 0;
  const pids = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8").trim().split(" ");
  for (const pid of [String(postmaster), ...pids]) {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    ticks +=
      Number(fields[11]) +
      Number(fields[12]) +
      (pid === String(postmaster) ? Number(fields[13]) + Number(fields[14]) : 0);
  }
  return ticks / 100;
}

/**
 * Runs from their start to their end through the queue and the group writer alone: no engine, nothing executed, ten
 * steps recorded of each. On the embedded database as it is in production (durable).
 */
export async function bench(rounds = 1): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "osf-bench-"));
  const cluster = await startCluster({ folder });
  await ensureDatabase(cluster, "osf");
  await migrate(cluster.url("osf"), path.resolve(import.meta.dirname, "../../prisma/migrations"));
  const url = cluster.url("osf");
  const postmaster = Number(readFileSync(path.join(folder, "cluster/postmaster.pid"), "utf8").split("\n")[0]);
  const log = createLog("bench", "warn");
  const open = async () => {
    const { rows: db, sql, close } = openDatabase(url, { connections: 12 });
    return { db, sql, close, live: await openLive({ url, sql, log }) };
  };
  const web = await open();
  const back = await open();
  const settings = {
    jwtSecret: "a secret of the bench, long enough",
    databaseUrl: url,
    executionTimeoutMs: 60_000,
  } as Settings; // all that is read of it here
  const worker = new RunWorker(
    { ...back, log, settings },
    {
      executors: [
        {
          kind: "flow",
          resumesFrom: "steps",
          async execute({ record }) {
            record(records());
            return { output: { payload: 1 } };
          },
        },
      ],
      settlers: [],
    },
  );
  await worker.start();
  await web.db.workspace.create({ data: { id: "wsp_bench", name: "Bench" } });
  const never = new AbortController().signal;
  async function one(): Promise<number> {
    const began = performance.now();
    const { run } = await startRunNow({ ...web, log }, BENCH_ACTOR, {
      kind: "flow",
      title: "Bench",
      trigger: "api",
      input: { n: 1 },
    });
    for await (const event of watchRun(web, run.id, 0, never)) void event;
    return performance.now() - began;
  }
  try {
    for (let round = 0; round < rounds; round++)
      for (const clients of [1, 8, 32, 96]) {
        const times: number[] = [];
        const cpu = process.cpuUsage();
        const pg = postgresSeconds(postmaster);
        const began = performance.now();
        const lane = async () => {
          while (performance.now() - began < SECONDS * 1_000) times.push(await one());
        };
        await Promise.all(Array.from({ length: clients }, lane));
        const seconds = (performance.now() - began) / 1_000;
        const used = process.cpuUsage(cpu);
        console.log(
          `${String(clients).padStart(3)} at a time: ${(times.length / seconds).toFixed(0)} runs/s, p50 ${ms(quantile(times, 0.5))}, p99 ${ms(quantile(times, 0.99))}; ` +
            `processor: node ${((used.user + used.system) / 1e4 / seconds).toFixed(0)} %, PostgreSQL ${(((postgresSeconds(postmaster) - pg) / seconds) * 100).toFixed(0)} %`,
        );
      }
  } finally {
    await worker.stop(0);
    for (const part of [web, back]) {
      await part.live.close();
      await part.close();
    }
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
