import { fork } from "node:child_process";
import path from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Run } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { GroupWriter } from "./group-writer.ts";
import { LeaseLost } from "./lease.ts";
import type { RunLogger } from "./open-run.ts";
import { readCalls, readRunLog } from "./read-log.ts";
import { createSecrets } from "./secrets.ts";
import { startRunNow } from "./start-run.ts";
import { claimed } from "./test-queue.ts";
import { chain, durable, prefixOf } from "./test-steps.ts";

const secrets = createSecrets("a secret of tests that is long enough");
let actor: Actor;
const ends: (() => void)[] = [];
beforeEach<{ world: World }>(async ({ world }) => {
  await world.deps.db.run.deleteMany();
  actor = await world.actor();
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Runs that are claimed, each with a logger of the same writer. */
async function held({ deps }: World, count: number, starters: Actor[] = []) {
  const writer = new GroupWriter(deps.sql, secrets);
  for (let i = 0; i < count; i++)
    await startRunNow(deps, starters[i] ?? actor, { kind: "flow", title: "Test run", trigger: "test", input: {} });
  const runs = await claimed(deps.sql);
  expect(runs).toHaveLength(count);
  return runs.map((run) => {
    const lost: unknown[] = [];
    const { id, workspaceId, kind, userId, lastSeq } = run;
    const logger = writer.open(
      { id, leaseToken: run.leaseToken ?? "", workspaceId, kind, userId, lastSeq, requestId: undefined },
      { onLost: (error) => lost.push(error) },
    );
    ends.push(() => logger.close());
    return { run, logger, lost };
  });
}
const one = async (world: World): Promise<{ run: Run; logger: RunLogger; lost: unknown[] }> => {
  const [first] = await held(world, 1);
  if (!first) throw new Error("no run");
  return first;
};
const dropConnections = ({ deps }: World) =>
  deps.sql
    .query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .catch(() => undefined);
const events = ({ deps }: World, runId: string) =>
  deps.db.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } });

describe("what a run records", () => {
  it("is read back as it was recorded: messages to the letter, large ones once, calls, contexts", async ({ world }) => {
    const { run, logger } = await one(world);
    const large = JSON.stringify({ payload: "y".repeat(20_000) });
    const odd = '{"b":1,"a":"\\u0000 \\ud83d","n":1.0}';
    const step = { node: "n", type: "change", from: null, port: null, at: 5 };
    logger.record([
      { ...step, seq: 1, state: "queued", msg: odd, name: "First" },
      { ...step, seq: 2, state: "queued", msg: large },
      { ...step, seq: 3, state: "queued", msg: large },
    ]);
    await logger.commit();
    logger.record([
      { ...step, seq: 1, state: "failed", startedAt: 6, durationMs: 1.5, error: { code: "e", message: "no" } },
      {
        ...step,
        seq: 2,
        state: "done",
        startedAt: 7,
        durationMs: 2,
        statusText: "ok",
        out: [{ port: 1, msg: '{"payload":"out"}' }],
        context: [
          { scope: "node:n", key: "count", value: "3", order: 7 },
          { scope: "flow:doc:tab", key: "gone", value: undefined },
          { scope: "global", key: "kept", value: '{"z":1,"a":2}' },
        ],
      },
    ]);
    logger.emit("interruption", { from: 10, to: 20 });
    logger.emit("interruption", { from: 30, to: 45 });
    logger.call({ step: 2, n: 1, op: "tool.call", args: { name: "x" }, state: "begun" });
    logger.call({ step: 2, n: 1, op: "tool.call", args: { name: "x" }, state: "done", result: { token: "abc", n: 1 } });
    logger.call({ step: 2, n: 2, op: "llm.complete", args: null, state: "begun" });
    await world.deps.db.flowContext.create({
      data: { workspaceId: actor.workspaceId, scope: "flow:doc:tab", key: "gone", value: 1 },
    });
    await logger.commit();
    const { steps, gaps } = await readRunLog(world.deps, secrets, run.id);
    expect(gaps).toEqual([
      { from: 10, to: 20 },
      { from: 30, to: 45 },
    ]);
    expect(steps).toEqual([
      {
        ...step,
        seq: 1,
        name: "First",
        state: "failed",
        msg: odd,
        startedAt: 6,
        durationMs: 1.5,
        error: { code: "e", message: "no" },
      },
      {
        ...step,
        seq: 2,
        state: "done",
        msg: large,
        startedAt: 7,
        durationMs: 2,
        statusText: "ok",
        out: [{ port: 1, msg: '{"payload":"out"}' }],
        context: [
          { scope: "node:n", key: "count", value: "3", order: 7 },
          { scope: "flow:doc:tab", key: "gone", value: undefined },
          { scope: "global", key: "kept", value: '{"z":1,"a":2}' },
        ],
      },
      { ...step, seq: 3, state: "queued", msg: large },
    ]);
    expect(await world.deps.db.runPayload.count({ where: { runId: run.id } })).toBe(1);
    expect(await readCalls(world.deps, secrets, run.id)).toEqual([
      { step: 2, n: 1, op: "tool.call", args: { name: "x" }, state: "done", result: { token: "abc", n: 1 } },
      { step: 2, n: 2, op: "llm.complete", args: null, state: "begun" },
    ]);
    const contexts = await world.deps.db.flowContext.findMany({ where: { workspaceId: actor.workspaceId } });
    expect(contexts.map(({ scope, key, value }) => [scope, key, value])).toEqual([["global", "kept", { z: 1, a: 2 }]]);
  });

  it("becomes one row and one change a step however often it changed between two writes", async ({ world }) => {
    const { run, logger } = await one(world);
    logger.emit("status", { status: "running" });
    logger.record(chain(10));
    logger.emit("debug", { value: 1, headers: { authorization: "Bearer x" } });
    await logger.end({ status: "completed", output: { payload: 1 } });
    const log = await events(world, run.id);
    expect(log.map(({ seq, type }) => [seq, type])).toEqual([
      [1, "status"],
      [2, "steps"],
      [3, "debug"],
      [4, "done"],
    ]);
    const { steps } = (log[1]?.data ?? {}) as { steps?: unknown[] };
    expect(steps).toHaveLength(10);
    expect(steps?.[9]).toEqual({
      seq: 10,
      node: "n10",
      from: 9,
      port: 0,
      status: "done",
      at: 1_010,
      startedAt: 2_010,
      durationMs: 10,
    });
    expect(log[2]?.data).toEqual({ value: 1, headers: { authorization: "•••" } });
    expect(await world.deps.db.run.findUniqueOrThrow({ where: { id: run.id } })).toMatchObject({
      status: "completed",
      output: { payload: 1 },
      lastSeq: 4,
      leaseToken: null,
    });
  });

  it("withdraws what the run still asked for when it ends, and only that", async ({ world }) => {
    const [ending, going] = await held(world, 2);
    const approval = (id: string, runId: string | null, status = "open") => ({
      id,
      workspaceId: actor.workspaceId,
      runId,
      stepSeq: id.length,
      callN: 1,
      kind: "question",
      title: "t",
      question: "q",
      detail: {},
      options: [],
      form: [],
      status,
    });
    await world.deps.db.approval.createMany({
      data: [
        approval("a", ending?.run.id ?? null),
        approval("bb", ending?.run.id ?? null, "decided"),
        approval("ccc", going?.run.id ?? null),
      ],
    });
    const heard: string[] = [];
    const off = world.deps.live.subscribe(`workspace:${actor.workspaceId}`, (hint) => heard.push(hint));
    going?.logger.emit("note", {});
    await Promise.all([
      ending?.logger.end({ status: "failed", error: { code: "x", message: "y" } }),
      going?.logger.commit(),
    ]);
    const left = await world.deps.db.approval.findMany({ orderBy: { id: "asc" } });
    expect(left.map(({ id, status }) => [id, status])).toEqual([
      ["a", "cancelled"],
      ["bb", "decided"],
      ["ccc", "open"],
    ]);
    await expect.poll(() => heard.filter((hint) => hint.includes("approval"))).toHaveLength(1);
    off();
  });
});

describe("the group", () => {
  it("writes many runs together", async ({ world }) => {
    const runs = await held(world, 50);
    await Promise.all(
      runs.map(async ({ logger }) => {
        logger.record(chain(10));
        await logger.end({ status: "completed" });
      }),
    );
    const { rows } = await world.deps.sql.query(`SELECT DISTINCT xmin FROM "RunStep"`); // by which transaction
    expect(rows.length).toBeLessThanOrEqual(3);
    expect(await world.deps.db.run.count({ where: { status: "completed" } })).toBe(50);
    expect(await world.deps.db.runStep.count({ where: { status: "done" } })).toBe(500);
  });

  it("lets a run that was taken over fail alone", async ({ world }) => {
    const [mine, taken, also] = await held(world, 3);
    await world.deps.sql.query(`UPDATE "Run" SET "leaseToken" = 'another' WHERE id = $1`, [taken?.run.id]);
    for (const { logger } of [mine, taken, also].filter((x) => x !== undefined)) logger.record(chain(3));
    const outcomes = await Promise.allSettled([mine, taken, also].map((x) => x?.logger.commit()));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(taken?.lost[0]).toBeInstanceOf(LeaseLost);
    expect((await durable(world.deps.sql, taken?.run.id ?? "")).steps).toEqual([]);
    await expect(taken?.logger.commit()).rejects.toThrow("no longer held");
    expect(mine?.lost).toEqual([]);
  });

  it("lets a run that records what cannot be stored fail alone", async ({ world }) => {
    const [good, bad] = await held(world, 2);
    bad?.logger.record([{ seq: 1, node: "n", type: "t", from: null, port: null, at: 1, state: "queued", msg: "{no" }]);
    good?.logger.record(chain(3));
    const outcomes = await Promise.allSettled([good?.logger.commit(), bad?.logger.commit()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(bad?.lost).toHaveLength(1);
  });
});

describe("what is durable", () => {
  it("is always a beginning of what was recorded, whenever the connections break, and all of it in the end", async ({
    world,
  }) => {
    const runs = await held(world, 3, await Promise.all([1, 2, 3].map(() => world.actor())));
    const records = chain(200, true);
    const breaks = (async () => {
      for (let i = 0; i < 6; i++) {
        await new Promise((later) => setTimeout(later, 60));
        await dropConnections(world);
      }
    })();
    const lengths = new Set<number>();
    await Promise.all(
      runs.map(async ({ run, logger }, i) => {
        for (let at = 0, piece = 1; at < records.length; at += 7 + i, piece++) {
          logger.record(records.slice(at, at + 7 + i));
          if (piece % 15 === 0) await logger.commit();
          else await new Promise((later) => setTimeout(later, 4));
          let found = await durable(world.deps.sql, run.id).catch(() => null);
          while (!found) found = await durable(world.deps.sql, run.id).catch(() => null);
          const length = prefixOf(records, found);
          lengths.add(length);
          if (piece % 15 === 0) expect(length).toBe(Math.min(at + 7 + i, records.length));
        }
        await logger.commit();
      }),
    );
    await breaks;
    for (const { run } of runs) {
      expect(prefixOf(records, await durable(world.deps.sql, run.id))).toBe(records.length);
      const log = await events(world, run.id);
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_event, i) => i + 1));
    }
    expect(lengths).not.toContain(-1);
    expect(lengths.size).toBeGreaterThan(3);
  }, 60_000);

  it("is a beginning, with all that was committed, when the process is killed in the middle of writing", async ({
    world,
  }) => {
    const records = chain(5_000);
    for (let round = 0; round < 4; round++) {
      const fresh = await world.actor();
      const { run } = await startRunNow(world.deps, fresh, { kind: "flow", title: "x", trigger: "test", input: {} });
      const child = fork(
        path.join(import.meta.dirname, "test-recorder.ts"),
        [world.deps.settings.databaseUrl, world.deps.settings.jwtSecret],
        { execPath: process.execPath, execArgv: [] },
      );
      let committed = 0;
      const wanted = 50 + round * 130;
      await new Promise<void>((reached) => {
        child.on("message", (at: number) => {
          committed = at;
          if (at >= wanted) reached();
        });
        child.on("exit", () => reached());
      });
      child.kill("SIGKILL");
      await new Promise((gone) => child.once("exit", gone));
      expect(committed).toBeGreaterThanOrEqual(wanted);
      // The server may still carry out what it was sent last.
      const found = await expect
        .poll(async () => {
          const a = await durable(world.deps.sql, run.id);
          await new Promise((later) => setTimeout(later, 30));
          const b = await durable(world.deps.sql, run.id);
          return JSON.stringify(a) === JSON.stringify(b);
        })
        .toBe(true)
        .then(() => durable(world.deps.sql, run.id));
      expect(prefixOf(records, found)).toBeGreaterThanOrEqual(committed);
      const { lastSeq } = await world.deps.db.run.findUniqueOrThrow({ where: { id: run.id } });
      expect((await events(world, run.id)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: lastSeq }, (_, i) => i + 1),
      );
      await world.deps.db.run.deleteMany();
    }
  }, 60_000);
});
