// @ts-expect-error it brings no types
import autocannon from "autocannon";
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { compose } from "#server/compose.ts";
import { createFlow, startFlowRun } from "#server/features/flows/index.ts";
import type { Settings } from "#server/kernel/settings.ts";
import { ensureDatabase, startCluster } from "#server/postgres/cluster.ts";
import { migrate } from "#server/postgres/migrate.ts";
import { descendants, residentMb, startInstance } from "../support/instance.ts";
import { chain, MESSAGE } from "./chain.ts";
import { BENCH_ACTOR } from "./bench-actor.ts";
import { ms, quantile } from "./quantile.ts";

const ROUNDS = 3;
const RUNS = 3_000;
/** Runs that are started and not yet over: more only lengthens the queue. */
const IN_FLIGHT = 200;
const MESSAGES = 20_000;
const SECONDS = 10;

/** Seconds of processor that a process used so far. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const program = (name: string, args: string[] = [], execArgv: string[] = []): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, name), args, { execArgv, serialization: "advanced" });
    child.once("message", () => resolve(child));
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
  });
const answer = <T>(child: ChildProcess, message: unknown): Promise<T> =>
  new Promise((resolve) => {
    child.once("message", (said) => resolve(said as T)); // the programs beside this file
    child.send(message as object);
  });

const settingsOf = (databaseUrl: string, dataDir: string): Settings => ({
  version: "bench",
  demo: false,
  dev: false,
  host: "127.0.0.1",
  port: 0,
  publicUrl: "http://localhost",
  trustProxy: 0,
  corsOrigins: [],
  logLevel: "error",
  databaseUrl,
  jwtSecret: "a secret of the bench that is long enough",
  apiRateLimit: 10_000_000,
  retentionDays: 30,
  models: { free: { model: "none", demo: false }, premium: { model: "none", demo: false } },
  llmMaxConcurrency: 2,
  llmMaxQueueDepth: 10,
  toolTimeoutMs: 5_000,
  executionTimeoutMs: 60_000,
  dataDir,
  launcherPid: process.pid,
  allowPrivateHosts: [],
  pods: { driver: "none", warm: 0, limit: 0, idleMinutes: 20 },
  runners: { warm: 1, limit: 2, memoryMb: 512 },
  upstreams: [],
  stdio: { commands: [], memoryMb: 1_024, path: "/usr/bin:/bin", lang: "C.UTF-8" },
});

const inject = {
  id: "in",
  type: "inject",
  z: "t",
  x: 0,
  y: 100,
  props: [],
  repeat: "",
  crontab: "",
  once: false,
  wires: [["n0"]],
};
const tab = { id: "t", type: "tab", label: "Bench" };

/** Started by one process, executed by another, every step recorded, on the embedded database as in production. */
async function measureRecorded(rounds: number): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "osf-bench-"));
  const cluster = await startCluster({ folder });
  await ensureDatabase(cluster, "osf");
  await migrate(cluster.url("osf"), path.resolve(import.meta.dirname, "../../prisma/migrations"));
  const settings = settingsOf(cluster.url("osf"), folder);
  const { deps, close } = await compose(settings, "web");
  const worker = fork(path.join(import.meta.dirname, "worker-program.ts"), [], { serialization: "advanced" });
  await answer(worker, settings);
  await deps.db.workspace.create({ data: { id: "wsp_bench", name: "Bench" } });
  await deps.db.user.create({
    data: { id: BENCH_ACTOR.userId, email: BENCH_ACTOR.email, name: "Bench", passwordHash: "none" },
  });
  const { id: flowId } = await createFlow(deps, BENCH_ACTOR, { name: "Bench", nodes: [tab, inject, ...chain()] });
  const over = async () => {
    const { rows } = await deps.sql.query<{ n: string; bad: string }>(
      `SELECT count(*) AS n, count(*) FILTER (WHERE status <> 'completed') AS bad FROM "Run" WHERE "endedAt" IS NOT NULL`,
    );
    return { n: Number(rows[0]?.n), bad: Number(rows[0]?.bad) };
  };
  type Runners = { pid: number; workspaceId: string | null; memoryMb: number; ready: boolean }[];
  const runners = () => answer<Runners>(worker, "runners");

  const rate = async (count: number): Promise<number> => {
    const { n: before } = await over();
    let started = 0;
    let ended = 0;
    const began = performance.now();
    const lane = async () => {
      while (started < count) {
        if (started - ended >= IN_FLIGHT) {
          await pause(5);
          continue;
        }
        started++;
        await startFlowRun(deps, BENCH_ACTOR, { flowId, input: MESSAGE.payload, trigger: "bench" });
      }
    };
    const counting = (async () => {
      while (ended < count) {
        await pause(20);
        ended = (await over()).n - before;
      }
    })();
    await Promise.all([...Array.from({ length: 12 }, lane), counting]);
    return count / ((performance.now() - began) / 1_000);
  };

  try {
    const idle = (await runners()).find(({ workspaceId }) => workspaceId === null);
    await rate(1_000); // warm
    console.log(`Recorded runs of ten nodes, ${rounds} rounds of ${RUNS}`);
    for (let round = 0; round < rounds; round++) {
      const used = new Map<string, number>();
      const named = () => {
        const all: [string, number][] = [
          ["web", process.pid],
          ["worker", worker.pid ?? 0],
        ];
        return [...all, ...descendants(worker.pid ?? 0).map(({ pid }): [string, number] => ["runners", pid])];
      };
      const count = (sign: number) => {
        for (const [name, pid] of named()) used.set(name, (used.get(name) ?? 0) + sign * processorSeconds(pid));
      };
      count(-1);
      const began = performance.now();
      const runsPerSecond = await rate(RUNS);
      const seconds = (performance.now() - began) / 1_000;
      count(1);
      const shares = [...used].map(([name, sum]) => `${name} ${((sum / seconds) * 100).toFixed(0)} %`).join(", ");
      console.log(`  ${runsPerSecond.toFixed(0)} runs/s; processor: ${shares}`);
    }
    const { n, bad } = await over();
    const steps = await deps.db.runStep.count();
    console.log(`  ${n} runs, ${bad} not completed, ${(steps / n).toFixed(2)} steps a run`);
    const busy = (await runners()).find(({ workspaceId }) => workspaceId !== null);
    console.log(
      `  memory of a runner: ${idle?.memoryMb ?? "?"} MB when it is ready, ${busy?.memoryMb ?? "?"} MB after ${n} runs`,
    );
  } finally {
    const gone = new Promise((done) => worker.once("exit", done));
    worker.disconnect();
    await gone;
    await close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same chain with nothing recorded, beside the stock runtime, by turns. */
async function measureUnrecorded(rounds: number): Promise<void> {
  const sides = {
    "engine, functions in isolates": await program(
      "rate-program.ts",
      ["engine"],
      ["--no-node-snapshot", "--disable-warning=ExperimentalWarning"],
    ),
    "Node-RED runtime": await program("rate-program.ts", ["node-red"]),
  };
  const rates = new Map<string, number[]>(Object.keys(sides).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const [name, child] of Object.entries(sides)) {
      const { cpuMs } = await answer<{ cpuMs: number; wallMs: number }>(child, { messages: MESSAGES });
      if (round >= 0) rates.get(name)?.push(MESSAGES / (cpuMs / 1_000)); // the first one warms
    }
  for (const child of Object.values(sides)) child.disconnect();
  console.log(`Messages per processor-second, recording off, ${rounds} alternating rounds of ${MESSAGES}`);
  const [ours = 0, theirs = 1] = [...rates].map(([name, all]) => {
    console.log(
      `  ${name.padEnd(30)} ${quantile(all, 0.5).toFixed(0)} (${all.map((rate) => rate.toFixed(0)).join(", ")})`,
    );
    return quantile(all, 0.5);
  });
  console.log(`  ratio ${(ours / theirs).toFixed(2)}`);
}

interface Shot {
  latency: { p50: number; p99: number };
  requests: { average: number; total: number };
  non2xx: number;
  errors: number;
}

/** http in → function → http response through the whole product, 8 connections. */
async function measureWebhook(rounds: number): Promise<void> {
  const product = await startInstance({ env: { API_RATE_LIMIT: "10000000" } });
  try {
    const headers = { Authorization: `Bearer ${await product.token("admin")}`, "Content-Type": "application/json" };
    const at = (id: string, type: string, more: object) => ({ id, type, z: "t", name: id, x: 100, y: 100, ...more });
    const nodes = [
      tab,
      at("hook", "http in", { url: "/bench", method: "post", upload: false, wires: [["f"]] }),
      at("f", "function", {
        func: "msg.payload = {got: msg.payload.n + 1}; return msg;",
        outputs: 1,
        libs: [],
        wires: [["answer"]],
      }),
      at("answer", "http response", { statusCode: "", headers: {}, wires: [] }),
    ];
    const made = await fetch(`${product.url}/api/workflows`, {
      method: "POST",
      headers,
      body: JSON.stringify({ name: "Bench", nodes }),
    });
    if (!made.ok) throw new Error(`${made.status}: ${await made.text()}`);
    const url = `${product.url}/flows/http/bench`;
    const shoot = (duration: number, connections: number): Promise<Shot> =>
      autocannon({ url, method: "POST", headers, body: '{"n":1}', connections, duration }) as Promise<Shot>; // as its README says
    const first = await fetch(url, { method: "POST", headers, body: '{"n":1}' });
    if (!first.ok) throw new Error(`${first.status}: ${await first.text()}`);
    await shoot(5, 8); // warm
    console.log(`Webhook round trip, ${rounds} rounds of ${SECONDS} s`);
    for (let round = 0; round < rounds; round++)
      for (const connections of [1, 8]) {
        const { latency, requests, non2xx, errors } = await shoot(SECONDS, connections);
        console.log(
          `  ${connections} connections: p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}; ${requests.average.toFixed(0)} a second, ${non2xx + errors} of ${requests.total} failed`,
        );
      }
    for (const { pid, command } of descendants(product.launcher.pid ?? -1))
      if (command.includes("server/runner.ts")) console.log(`  a runner takes ${residentMb(pid).toFixed(0)} MB`);
  } finally {
    await product.remove();
  }
}

/** What flows cost: recorded runs, the engine beside Node-RED's runtime, a webhook's round trip, memory of runners. */
export async function bench(rounds = ROUNDS): Promise<void> {
  await measureRecorded(rounds);
  await measureUnrecorded(rounds);
  await measureWebhook(rounds);
}
