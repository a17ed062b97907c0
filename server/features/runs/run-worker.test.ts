import pg from "pg";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { AppError } from "#server/kernel/errors.ts";
import { it, type World } from "#tests/support/world.ts";
import { getRun } from "./find-runs.ts";
import type { RunExecutor } from "./kinds.ts";
import { RunWorker } from "./run-worker.ts";
import { startRun } from "./start-run.ts";

const workers: RunWorker[] = [];
beforeEach<{ world: World }>(async ({ world }) => void (await world.deps.db.run.deleteMany()));
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop(0);
});

/** A run that the next sweep finds. */
async function waiting({ deps, actor: person }: World) {
  const actor = await person();
  const { run } = await deps.db.$transaction((tx) =>
    startRun(deps, tx, actor, { kind: "agent", title: "Test run", trigger: "test", input: {} }),
  );
  await deps.sql.query(`UPDATE "Run" SET "createdAt" = now() - interval '1 minute' WHERE id = $1`, [run.id]);
  return { actor, id: run.id };
}

async function work({ deps }: World, execute: RunExecutor["execute"], capacity = 64): Promise<RunWorker> {
  const kinds = { executors: [{ kind: "agent" as const, execute }], settlers: [] };
  const worker = new RunWorker(deps, kinds, { capacity, tendMs: 20 });
  workers.push(worker);
  await worker.start();
  return worker;
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
const ended = ({ deps }: World, id: string) =>
  vi.waitFor(async () => expect((await deps.db.run.findUniqueOrThrow({ where: { id } })).endedAt).not.toBeNull(), {
    timeout: 10_000,
    interval: 20,
  });

it("keeps its leases while it is full and others wait", async ({ world }) => {
  const { id } = await waiting(world);
  const worker = await work(world, ({ signal }) => untilAborted(signal), 1);
  await vi.waitFor(() => expect(worker.active).toBe(1));
  const other = await waiting(world);
  const leaseOf = async () => (await world.deps.db.run.findUniqueOrThrow({ where: { id } })).leaseUntil?.getTime() ?? 0;
  for (let renewed = 0; renewed < 4; renewed++) {
    const before = await leaseOf();
    await vi.waitFor(async () => expect(await leaseOf()).toBeGreaterThan(before), { timeout: 2_000, interval: 10 });
  }
  expect((await getRun(world.deps, other.actor, other)).status).toBe("queued");
});

it("ends a run whose failure PostgreSQL could not store as it is", async ({ world }) => {
  const { actor, id } = await waiting(world);
  let tries = 0;
  await work(world, async () => {
    tries++;
    throw new AppError("upstream", "model.refused", "the server said \0 and half of \uD83D");
  });
  await ended(world, id);
  expect(await getRun(world.deps, actor, { id })).toMatchObject({
    status: "failed",
    error: { code: "model.refused", message: "the server said \uFFFD and half of \uFFFD" },
  });
  expect(tries).toBe(1);
});

it("goes on with a run whose executor found the database away, instead of failing it", async ({ world }) => {
  const { actor, id } = await waiting(world);
  let tries = 0;
  await work(world, async () => {
    if (++tries === 1) await new pg.Client({ host: "127.0.0.1", port: 1 }).connect();
    return { output: "answered" };
  });
  await ended(world, id);
  expect(await getRun(world.deps, actor, { id })).toMatchObject({
    status: "completed",
    output: "answered",
    attempt: 2,
  });
});

it("stops although a run neither ends nor can be given back", async ({ world }) => {
  await waiting(world);
  const worker = await work(world, () => new Promise(() => undefined));
  await vi.waitFor(() => expect(worker.active).toBe(1));
  await worker.stop(0, 50);
  workers.splice(0);
});
