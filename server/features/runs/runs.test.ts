import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { cancelRun } from "./cancel-run.ts";
import { requeueAbandoned } from "./claim-runs.ts";
import { endRun } from "./end-run.ts";
import { getRun, listRunEvents, listRuns } from "./find-runs.ts";
import type { Execution, RunExecutor } from "./kinds.ts";
import { append, claim, claimed } from "./test-queue.ts";
import { deleteOldRuns } from "./retention.ts";
import { RunWorker } from "./run-worker.ts";
import type { RunEventView } from "./schema.ts";
import { startRun, type NewRun } from "./start-run.ts";
import { watchRun } from "./watch-run.ts";

const never = new AbortController().signal;
const workers: RunWorker[] = [];
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    const leave = () => reject(signal.reason as Error);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave);
  });
// One database for the file: each test begins without runs, so that its workers find only its own.
beforeEach<{ world: World }>(async ({ world }) => void (await world.deps.db.run.deleteMany()));
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop(0);
});

const start = ({ deps }: World, actor: Actor, given: Partial<NewRun> = {}) =>
  deps.db.$transaction((tx) =>
    startRun(deps, tx, actor, { kind: "agent", title: "Test run", trigger: "test", input: { n: 1 }, ...given }),
  );

async function work({ deps }: World, execute: RunExecutor["execute"]): Promise<RunWorker> {
  const worker = new RunWorker(deps, { executors: [{ kind: "agent", execute }], settlers: [] }, { tendMs: 50 });
  workers.push(worker);
  await worker.start();
  return worker;
}
/** Makes a run look as if its worker died: nobody renews, the lease is over. */
const orphan = ({ deps }: World, runId: string) =>
  deps.sql.query(
    `UPDATE "Run" SET status = 'running', "leaseToken" = coalesce("leaseToken", 'dead'), "leaseUntil" = now() - interval '1 second' WHERE id = $1`,
    [runId],
  );

async function collect(events: AsyncIterable<RunEventView>): Promise<RunEventView[]> {
  const all: RunEventView[] = [];
  for await (const event of events) all.push(event);
  return all;
}
const finished = ({ deps }: World, runId: string) =>
  vi.waitFor(
    async () => expect((await deps.db.run.findUniqueOrThrow({ where: { id: runId } })).endedAt).not.toBeNull(),
    { timeout: 10_000, interval: 20 },
  );

describe("starting", () => {
  it("returns the first run for a repeated idempotency key of the same person, and only for them", async ({
    world,
  }) => {
    const actor = await world.actor();
    const colleague = await world.actor({ workspaceId: actor.workspaceId });
    const first = await start(world, actor, { idempotencyKey: "k1" });
    const again = await start(world, actor, { idempotencyKey: "k1" });
    const other = await start(world, colleague, { idempotencyKey: "k1" });
    expect(again).toMatchObject({ created: false, run: { id: first.run.id } });
    expect(other.created).toBe(true);
    await expect(start(world, actor, { idempotencyKey: "k1", input: { n: 2 } })).rejects.toMatchObject({
      code: "idempotency.mismatch",
    });
  });

  it("makes one run of ten simultaneous starts with one key", async ({ world }) => {
    const actor = await world.actor();
    const all = await Promise.all(Array.from({ length: 10 }, () => start(world, actor, { idempotencyKey: "race" })));
    expect(new Set(all.map(({ run }) => run.id)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
  });

  it("leaves nothing behind when its transaction fails", async ({ world }) => {
    const actor = await world.actor();
    const failed = world.deps.db.$transaction(async (tx) => {
      await startRun(world.deps, tx, actor, { kind: "agent", title: "x", trigger: "test", input: {} });
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect((await listRuns(world.deps, actor, { limit: 10 })).items).toEqual([]);
  });
});

describe("claiming", () => {
  it("gives a run to one of many", async ({ world }) => {
    const { run } = await start(world, await world.actor());
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimed(world.deps.sql)));
    expect(claims.flat().map(({ id }) => id)).toEqual([run.id]);
  });

  it("finds a run again whose holder fell silent, and not one that is held", async ({ world }) => {
    const { run } = await start(world, await world.actor());
    await claim(world.deps.sql, run.id);
    expect(await requeueAbandoned(world.deps.sql)).toBe(0);
    expect(await claimed(world.deps.sql)).toEqual([]);
    await orphan(world, run.id);
    expect(await requeueAbandoned(world.deps.sql)).toBe(1);
    expect(await claim(world.deps.sql, run.id)).toMatchObject({ id: run.id, attempt: 2 });
  });
});

describe("the event log", () => {
  it("numbers without gaps, and a repeated append after a lost answer writes nothing twice", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    const held = await claim(world.deps.sql, run.id);
    const events = [
      { type: "content", data: { part: 1, text: "a\0\uD800b" } },
      { type: "content", data: { part: 1, text: "c" } },
    ];
    expect(await append(world.deps.sql, held, 0, events)).toBe(2);
    expect(await append(world.deps.sql, held, 0, events)).toBe(2);
    expect(await append(world.deps.sql, held, 2, events.slice(1))).toBe(3);
    const log = await listRunEvents(world.deps, actor, { id: run.id, after: 0, limit: 100 });
    expect(log.map(({ seq, data }) => [seq, data["text"]])).toEqual([
      [1, "a\uFFFD\uFFFDb"],
      [2, "c"],
      [3, "c"],
    ]);
  });

  it("takes nothing more from who lost the run", async ({ world }) => {
    const { run } = await start(world, await world.actor());
    const first = await claim(world.deps.sql, run.id);
    await orphan(world, run.id);
    await requeueAbandoned(world.deps.sql);
    await claim(world.deps.sql, run.id);
    const late = await append(world.deps.sql, first, 0, [{ type: "content", data: {} }]);
    expect(late).toMatchObject({ message: expect.stringContaining("no longer held") as string });
  });
});

describe("watching", () => {
  it("replays what was, follows what comes, each once and in order, also with events too big to announce", async ({
    world,
  }) => {
    const { run } = await start(world, await world.actor());
    let go: () => void = () => undefined;
    const gate = new Promise<void>((open) => (go = open));
    await orphan(world, run.id);
    const seen = collect(watchRun(world.deps, run.id, 0, never));
    await work(world, async ({ emit, commit }) => {
      emit("content", { part: 1, text: "before" });
      await commit();
      await gate;
      for (let i = 0; i < 50; i++) {
        emit("note", { i, pad: i % 10 === 0 ? "x".repeat(10_000) : "" });
        if (i % 7 === 0) await commit();
      }
      return {};
    });
    const late = collect(watchRun(world.deps, run.id, 0, never));
    go();
    const [early, second] = await Promise.all([seen, late]);
    expect(early.map(({ seq }) => seq)).toEqual(Array.from({ length: 53 }, (_, i) => i + 1));
    expect(second.map(({ type, data }) => [type, data["i"]])).toEqual(early.map(({ type, data }) => [type, data["i"]]));
    expect(early.at(-1)?.type).toBe("done");
    const resumed = await collect(watchRun(world.deps, run.id, 20, never));
    expect(resumed).toEqual(early.slice(20)); // the same time too: it was heard there, it is read here
    expect(await collect(watchRun(world.deps, run.id, 53, never))).toEqual([]);
    expect(await collect(watchRun(world.deps, run.id, 99, never))).toEqual([]);
  });

  it("ends when the reader leaves, and holds no subscription", async ({ world }) => {
    const { run } = await start(world, await world.actor());
    const leave = new AbortController();
    const reading = collect(watchRun(world.deps, run.id, 0, leave.signal));
    leave.abort();
    expect(await reading).toEqual([]);
  });

  it("loses nothing when the database drops every connection in between", async ({ world }) => {
    const { run } = await start(world, await world.actor());
    await orphan(world, run.id);
    const seen = collect(watchRun(world.deps, run.id, 0, never));
    await work(world, async ({ emit, commit }) => {
      for (let i = 0; i < 30; i++) {
        emit("note", { i });
        if (i === 10)
          await world.deps.sql
            .query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .catch(() => undefined);
        await commit();
      }
      return {};
    });
    const notes = (await seen).filter(({ type }) => type === "note");
    expect(notes.map(({ data }) => data["i"])).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

describe("executing", () => {
  it("hands the events of the dead attempt to the next worker, and ends once", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    const held = await claim(world.deps.sql, run.id);
    await append(world.deps.sql, held, 0, [{ type: "note", data: { done: "first half" } }]);
    await orphan(world, run.id);
    let history: Execution["history"] = [];
    await work(world, async (execution) => {
      history = execution.history;
      return { output: { ok: true } };
    });
    await finished(world, run.id);
    expect(history.map(({ data }) => data["done"])).toEqual(["first half"]);
    expect(await getRun(world.deps, actor, { id: run.id })).toMatchObject({
      status: "completed",
      attempt: 2,
      output: { ok: true },
    });
  });

  it("gives up a run that was interrupted again and again, and says so", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    await world.deps.sql.query(`UPDATE "Run" SET attempt = 6 WHERE id = $1`, [run.id]);
    await orphan(world, run.id);
    await work(world, async () => ({}));
    await finished(world, run.id);
    expect(await getRun(world.deps, actor, { id: run.id })).toMatchObject({
      status: "failed",
      error: { code: "run.poisonous" },
    });
  });

  it("keeps the words of a bug to itself", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    await orphan(world, run.id);
    await work(world, async () => {
      throw new TypeError("secret internals");
    });
    await finished(world, run.id);
    const failed = await getRun(world.deps, actor, { id: run.id });
    expect(failed.error?.code).toBe("bug");
    expect(JSON.stringify(failed)).not.toContain("secret internals");
  });

  it("gives an unfinished run back at shutdown so that the next worker goes on at once", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    await orphan(world, run.id);
    const first = await work(world, ({ signal }) => untilAborted(signal));
    await vi.waitFor(() => expect(first.active).toBe(1));
    await first.stop(0);
    expect((await getRun(world.deps, actor, { id: run.id })).status).toBe("running");
    await work(world, async () => ({ output: "second" }));
    await finished(world, run.id);
    expect(await getRun(world.deps, actor, { id: run.id })).toMatchObject({ status: "completed", output: "second" });
  });

  it("ends a run that is over its time", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    await world.deps.sql.query(`UPDATE "Run" SET "startedAt" = now() - interval '1 hour' WHERE id = $1`, [run.id]);
    await orphan(world, run.id);
    await work(world, ({ signal }) => untilAborted(signal));
    await finished(world, run.id);
    expect(await getRun(world.deps, actor, { id: run.id })).toMatchObject({
      status: "timed_out",
      error: { code: "run.timeout" },
    });
  });
});

describe("cancelling", () => {
  it("ends a run under way at once, aborts its work and refuses what it still writes", async ({ world }) => {
    const actor = await world.actor();
    const { run } = await start(world, actor);
    await orphan(world, run.id);
    let aborted = false;
    const worker = await work(world, async ({ emit, commit, signal }) => {
      emit("note", { i: 1 });
      await commit();
      await untilAborted(signal).catch(() => undefined);
      aborted = true;
      emit("note", { i: 2 });
      await commit();
      return { output: "too late" };
    });
    await vi.waitFor(async () => expect((await getRun(world.deps, actor, { id: run.id })).lastSeq).toBe(2));
    await cancelRun(world.deps, [], actor, { id: run.id });
    await vi.waitFor(() => expect(worker.active).toBe(0));
    expect(aborted).toBe(true);
    const events = await listRunEvents(world.deps, actor, { id: run.id, after: 0, limit: 100 });
    expect(events.map(({ type }) => type)).toEqual(["status", "note", "cancelled"]);
    expect(await getRun(world.deps, actor, { id: run.id })).toMatchObject({ status: "cancelled", output: null });
    await expect(cancelRun(world.deps, [], actor, { id: run.id })).rejects.toMatchObject({ code: "run.ended" });
  });

  it("lets one of a cancel and an end win, never both", async ({ world }) => {
    const actor = await world.actor();
    for (let i = 0; i < 10; i++) {
      const { run } = await start(world, actor);
      const held = await claim(world.deps.sql, run.id);
      const outcomes = await Promise.allSettled([
        cancelRun(world.deps, [], actor, { id: run.id }),
        world.deps.db.$transaction((tx) => endRun(tx, [], run.id, held.leaseToken, { status: "completed" })),
      ]);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const events = await listRunEvents(world.deps, actor, { id: run.id, after: 0, limit: 10 });
      expect(events).toHaveLength(1);
    }
  });

  it("is for who started the run, and for operators", async ({ world }) => {
    const actor = await world.actor({ role: "viewer" });
    const editor = await world.actor({ role: "editor", workspaceId: actor.workspaceId });
    const operator = await world.actor({ role: "operator", workspaceId: actor.workspaceId });
    const { run } = await start(world, actor);
    await expect(cancelRun(world.deps, [], editor, { id: run.id })).rejects.toMatchObject({ kind: "forbidden" });
    expect(await cancelRun(world.deps, [], operator, { id: run.id })).toMatchObject({ status: "cancelled" });
  });
});

describe("who sees what", () => {
  it("hides runs of another workspace, and conversations from colleagues", async ({ world }) => {
    const actor = await world.actor();
    const colleague = await world.actor({ workspaceId: actor.workspaceId });
    const stranger = await world.actor();
    const { run } = await start(world, actor);
    const { run: talk } = await start(world, actor, { kind: "chat" });
    for (const ask of [
      () => getRun(world.deps, stranger, run),
      () => listRunEvents(world.deps, stranger, { id: run.id, after: 0, limit: 1 }),
      () => cancelRun(world.deps, [], stranger, run),
      () => getRun(world.deps, colleague, talk),
    ])
      await expect(ask()).rejects.toMatchObject({ kind: "missing", code: "run.missing" });
    expect((await listRuns(world.deps, colleague, { limit: 10 })).items.map(({ id }) => id)).toEqual([run.id]);
    expect((await listRuns(world.deps, stranger, { limit: 10 })).items).toEqual([]);
    await expect(listRuns(world.deps, stranger, { limit: 10 }, true)).rejects.toMatchObject({ kind: "forbidden" });
  });
});

describe("retention", () => {
  it("deletes what ended before the policy's days, with its events, and nothing else", async ({ world }) => {
    const actor = await world.actor();
    const { run: old } = await start(world, actor);
    const { run: young } = await start(world, actor);
    const { run: open } = await start(world, actor);
    await cancelRun(world.deps, [], actor, old);
    await cancelRun(world.deps, [], actor, young);
    await world.deps.sql.query(`UPDATE "Run" SET "endedAt" = now() - interval '31 days' WHERE id = $1`, [old.id]);
    await world.deps.sql.query(`UPDATE "Run" SET "createdAt" = now() - interval '31 days' WHERE id = $1`, [open.id]);
    expect(await deleteOldRuns(world.deps)).toBe(1);
    expect((await listRuns(world.deps, actor, { limit: 10 })).items.map(({ id }) => id).toSorted()).toEqual(
      [young.id, open.id].toSorted(),
    );
    expect(await world.deps.db.runEvent.count({ where: { runId: old.id } })).toBe(0);
  });
});
