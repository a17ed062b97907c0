import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { cancelRun } from "./cancel-run.ts";
import { requeueAbandoned } from "./claim-runs.ts";
import type { Execution, RunExecutor } from "./kinds.ts";
import { RunWorker } from "./run-worker.ts";
import { startRun, startRunNow, type NewRun } from "./start-run.ts";
import { claim, claimed } from "./test-queue.ts";
import { watchRun } from "./watch-run.ts";

const never = new AbortController().signal;
const workers: RunWorker[] = [];
beforeEach<{ world: World }>(async ({ world }) => void (await world.deps.db.run.deleteMany()));
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop(0);
});

const given = (over: Partial<NewRun> = {}): NewRun => ({
  kind: "flow",
  title: "Test run",
  trigger: "test",
  input: {},
  ...over,
});
const start = async ({ deps }: World, actor: Actor, over: Partial<NewRun> = {}) =>
  (await startRunNow(deps, actor, given(over))).run;
/** A worker that hardly sweeps: what it executes it was woken for. */
async function work(
  { deps }: World,
  execute: RunExecutor["execute"],
  { capacity = 64, tendMs = 60_000 } = {},
): Promise<RunWorker> {
  const kinds = { executors: [{ kind: "flow" as const, resumesFrom: "steps" as const, execute }], settlers: [] };
  const worker = new RunWorker(deps, kinds, { capacity, tendMs });
  workers.push(worker);
  await worker.start();
  return worker;
}
const allEnded = ({ deps }: World) =>
  vi.waitFor(async () => expect(await deps.db.run.count({ where: { endedAt: null } })).toBe(0), {
    timeout: 10_000,
    interval: 10,
  });
const ended = async ({ deps }: World, runId: string) => {
  for await (const event of watchRun(deps, runId, 0, never)) void event;
};

describe("the queue", () => {
  it("gives each run to one of many workers, and all of them", async ({ world }) => {
    const actor = await world.actor();
    const executed: string[] = [];
    const execute = async ({ run }: Execution) => {
      executed.push(run.id);
      return {};
    };
    for (let i = 0; i < 3; i++) await work(world, execute, { capacity: 20 });
    const runs = await Promise.all(Array.from({ length: 300 }, () => start(world, actor)));
    await allEnded(world);
    expect(executed.toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
  });

  it("is drained without a sweep by workers that have few places", async ({ world }) => {
    const [one, other] = [await world.actor(), await world.actor()];
    for (let i = 0; i < 60; i++) await start(world, i % 3 ? one : other);
    await work(world, async () => ({}), { capacity: 2 });
    await work(world, async () => ({}), { capacity: 1 });
    await allEnded(world);
  });

  it("wakes a worker for a start in a transaction when that commits, and not before", async ({ world }) => {
    const actor = await world.actor();
    const executed: string[] = [];
    await work(world, async ({ run }) => {
      executed.push(run.title);
      return {};
    });
    const { run } = await world.deps.db.$transaction(async (tx) => {
      const started = await startRun(world.deps, tx, actor, given({ title: "in a transaction" }));
      await start(world, actor, { title: "beside" });
      await vi.waitFor(() => expect(executed).toEqual(["beside"]));
      return started;
    });
    await ended(world, run.id);
    expect(executed).toEqual(["beside", "in a transaction"]);
  });

  it("keeps the order in which runs were started", async ({ world }) => {
    const actor = await world.actor();
    const started: number[] = [];
    for (let i = 0; i < 12; i++) started.push((await start(world, actor)).createdAt.getTime());
    const executed: number[] = [];
    await work(
      world,
      async ({ run }) => {
        executed.push(run.createdAt.getTime());
        return {};
      },
      { capacity: 1 },
    );
    await allEnded(world);
    expect(executed).toEqual(started);
  });

  it("lets a workspace that has many waiting delay another by no more than what is at work", async ({ world }) => {
    const [busy, quiet] = [await world.actor(), await world.actor()];
    for (let i = 0; i < 40; i++) await start(world, busy);
    for (let i = 0; i < 3; i++) await start(world, quiet);
    const executed: string[] = [];
    await work(
      world,
      async ({ run }) => {
        executed.push(run.workspaceId);
        return {};
      },
      { capacity: 2 },
    );
    await allEnded(world);
    expect(executed.slice(0, 10).filter((id) => id === quiet.workspaceId)).toHaveLength(3);
  });

  it("keeps places for others, also when one workspace's runs never end", async ({ world }) => {
    const [greedy, other] = [await world.actor(), await world.actor()];
    for (let i = 0; i < 10; i++) await start(world, greedy);
    const worker = await work(
      world,
      async ({ run, signal }) => {
        if (run.workspaceId === other.workspaceId) return {};
        return new Promise<never>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason as Error)),
        );
      },
      { capacity: 8 },
    );
    await vi.waitFor(() => expect(worker.active).toBe(6));
    for (let i = 0; i < 5; i++) await ended(world, (await start(world, other)).id);
    await vi.waitFor(() => expect(worker.active).toBe(6));
  });

  it("has places for sub-flows that the runs which wait for them cannot take", async ({ world }) => {
    const actor = await world.actor();
    await work(
      world,
      async ({ run, signal }) => {
        if (run.depth === 3) return { output: "deepest" };
        const child = await start(world, actor, { parentRunId: run.id });
        for await (const event of watchRun(world.deps, child.id, 0, signal)) void event;
        return { output: (await world.deps.db.run.findUniqueOrThrow({ where: { id: child.id } })).output };
      },
      { capacity: 1 },
    );
    const runs = await Promise.all([1, 2, 3].map(() => start(world, actor)));
    for (const { id } of runs) {
      await ended(world, id);
      expect(await world.deps.db.run.findUnique({ where: { id } })).toMatchObject({ output: "deepest", depth: 0 });
    }
    expect(await world.deps.db.run.count({ where: { depth: 3 } })).toBe(3);
  });

  it("gives a dead worker's runs to the next, in their turn, and none that is held", async ({ world }) => {
    const actor = await world.actor();
    const dead = await start(world, actor);
    await claim(world.deps.sql, dead.id);
    const held = await start(world, actor);
    await claim(world.deps.sql, held.id);
    const later = await start(world, actor);
    await world.deps.sql.query(`UPDATE "Run" SET "leaseUntil" = now() - interval '1 second' WHERE id = $1`, [dead.id]);
    expect(await requeueAbandoned(world.deps.sql)).toBe(1);
    expect((await claimed(world.deps.sql)).map(({ id, attempt }) => [id, attempt])).toEqual([
      [dead.id, 2],
      [later.id, 1],
    ]);
  });
});

describe("a start without a transaction", () => {
  it("knows its idempotency keys as the other does", async ({ world }) => {
    const actor = await world.actor();
    const all = await Promise.all(
      Array.from({ length: 10 }, () => startRunNow(world.deps, actor, given({ idempotencyKey: "k" }))),
    );
    expect(new Set(all.map(({ run }) => run.id)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    const other = startRunNow(world.deps, actor, given({ idempotencyKey: "k", input: { n: 2 } }));
    await expect(other).rejects.toMatchObject({ code: "idempotency.mismatch" });
  });

  it("refuses the sixth run that one starts by the other, and children of what is over or another's", async ({
    world,
  }) => {
    const actor = await world.actor();
    let parent = await start(world, actor);
    const first = parent;
    for (let depth = 1; depth <= 5; depth++) {
      parent = await start(world, actor, { parentRunId: parent.id });
      expect(parent.depth).toBe(depth);
    }
    await expect(start(world, actor, { parentRunId: parent.id })).rejects.toMatchObject({ code: "flow.too-deep" });
    const stranger = await world.actor();
    await expect(start(world, stranger, { parentRunId: first.id })).rejects.toMatchObject({ code: "run.missing" });
    await cancelRun(world.deps, [], actor, first);
    expect(await world.deps.db.run.count({ where: { status: "cancelled" } })).toBe(6); // all below it too
    await expect(start(world, actor, { parentRunId: first.id })).rejects.toMatchObject({ code: "run.ended" });
  });
});
