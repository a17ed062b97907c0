import { beforeEach, describe, expect } from "vitest";
import type { StepRecord } from "#server/engine/contract.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { createFlow, runGraph, startFlowRun } from "../flows/index.ts";
import { cancelRun } from "./cancel-run.ts";
import { getStep, listSteps } from "./find-steps.ts";
import { GroupWriter } from "./group-writer.ts";
import type { RecordedCall } from "./kinds.ts";
import { deleteOldRuns } from "./retention.ts";
import { retryRun } from "./retry-run.ts";
import { createSecrets } from "./secrets.ts";
import { startRunNow } from "./start-run.ts";
import { claim } from "./test-queue.ts";

let actor: Actor;
beforeEach<{ world: World }>(async ({ world }) => {
  await world.deps.db.run.deleteMany();
  actor = await world.actor();
});

async function recorded({ deps }: World, steps: StepRecord[], calls: RecordedCall[] = []): Promise<string> {
  const { run } = await startRunNow(deps, actor, { kind: "flow", title: "Test run", trigger: "test", input: {} });
  const { id, leaseToken, workspaceId, kind, userId, lastSeq } = await claim(deps.sql, run.id);
  const writer = new GroupWriter(deps.sql, createSecrets(deps.settings.jwtSecret));
  const held = { id, leaseToken, workspaceId, kind, userId, lastSeq, requestId: undefined };
  const logger = writer.open(held, { onLost: () => undefined });
  logger.record(steps);
  for (const call of calls) logger.call(call);
  await logger.commit();
  logger.close();
  return id;
}
const step = (seq: number, more: Partial<StepRecord> = {}): StepRecord => ({
  seq,
  node: `n${seq}`,
  type: "change",
  from: seq === 1 ? null : 1,
  port: seq === 1 ? null : 0,
  at: 1_000 * seq,
  state: "done",
  msg: JSON.stringify({ payload: seq }),
  startedAt: 1_000 * seq + 5,
  durationMs: 2.5,
  ...more,
});

describe("the steps of a run", () => {
  it("are listed in order, page by page, with the beginning of their messages", async ({ world }) => {
    const large = JSON.stringify({ payload: "z".repeat(30_000) });
    const id = await recorded(world, [step(1), step(2, { msg: large, name: "Big" }), step(3, { state: "queued" })]);
    const first = await listSteps(world.deps, actor, { id, after: 0, limit: 2 });
    expect(first.items).toEqual([
      {
        seq: 1,
        node: "n1",
        type: "change",
        name: null,
        from: null,
        port: null,
        status: "done",
        statusText: null,
        error: null,
        at: new Date(1_000),
        startedAt: new Date(1_005),
        durationMs: 2.5,
        inputPreview: '{"payload":1}',
        inputSize: 13,
      },
      expect.objectContaining({ seq: 2, name: "Big", inputPreview: large.slice(0, 200), inputSize: large.length }),
    ]);
    const next = await listSteps(world.deps, actor, { id, after: Number(first.nextCursor), limit: 2 });
    expect(next).toMatchObject({ items: [{ seq: 3, status: "queued" }], nextCursor: null });
  });

  it("are shown one by one with message, outputs by port and calls", async ({ world }) => {
    const large = JSON.stringify({ payload: "z".repeat(30_000) });
    const id = await recorded(
      world,
      [
        step(1, { out: [{ port: 2, msg: '{"payload":"loose"}' }], statusText: "ok" }),
        step(2, { msg: large }),
        step(3, { port: 1 }),
      ],
      [
        { step: 1, n: 1, op: "tool.call", args: { name: "a" }, state: "done", result: { ok: true } },
        { step: 1, n: 2, op: "llm.complete", args: {}, state: "begun" },
        { step: 2, n: 1, op: "tool.call", args: {}, state: "begun" },
      ],
    );
    expect(await getStep(world.deps, actor, { id, seq: 1 })).toMatchObject({
      input: { payload: 1 },
      statusText: "ok",
      outputs: [
        { port: 0, to: 2, node: "n2", msg: JSON.parse(large) as unknown },
        { port: 1, to: 3, node: "n3", msg: { payload: 3 } },
        { port: 2, to: null, node: null, msg: { payload: "loose" } },
      ],
      calls: [
        { n: 1, op: "tool.call", args: { name: "a" }, state: "done", result: { ok: true } },
        { n: 2, op: "llm.complete", state: "begun", result: null },
      ],
    });
    expect((await getStep(world.deps, actor, { id, seq: 2 })).input).toEqual(JSON.parse(large));
    await expect(getStep(world.deps, actor, { id, seq: 9 })).rejects.toMatchObject({ code: "step.missing" });
  });

  it("take a message for what it is that looks like a reference to a large one", async ({ world }) => {
    const id = await recorded(world, [step(1, { msg: '{"$payload":"no"}' })]);
    expect((await getStep(world.deps, actor, { id, seq: 1 })).input).toEqual({ $payload: "no" });
  });

  it("show no credential, neither here nor in the rows", async ({ world }) => {
    const msg = (pad: number) => JSON.stringify({ headers: { authorization: "Bearer S3CRET" }, pad: "p".repeat(pad) });
    const id = await recorded(
      world,
      [step(1, { msg: msg(1), out: [{ port: 1, msg: msg(2) }] }), step(2, { msg: msg(20_000) })],
      [{ step: 1, n: 1, op: "tool.call", args: { password: "S3CRET" }, state: "done", result: { token: "S3CRET" } }],
    );
    const shown = [
      await listSteps(world.deps, actor, { id, after: 0, limit: 10 }),
      await getStep(world.deps, actor, { id, seq: 1 }),
      await getStep(world.deps, actor, { id, seq: 2 }),
    ];
    expect(JSON.stringify(shown)).toContain('"authorization":"•••"');
    const { db } = world.deps;
    const where = { where: { runId: id } };
    const rows = [
      await db.runStep.findMany(where),
      await db.runCall.findMany(where),
      await db.runPayload.findMany(where),
      await db.runEvent.findMany(where),
    ];
    for (const text of [shown, rows].map((all) => JSON.stringify(all))) {
      expect(text).not.toContain("S3CRET");
      expect(text).toContain("•••");
    }
    expect(JSON.stringify(shown)).not.toContain("•••:v1");
  });

  it("are nobody's in another workspace", async ({ world }) => {
    const id = await recorded(world, [step(1)]);
    const stranger = await world.actor({ owner: true });
    for (const ask of [
      () => listSteps(world.deps, stranger, { id, after: 0, limit: 10 }),
      () => getStep(world.deps, stranger, { id, seq: 1 }),
      () => runGraph(world.deps, stranger, id),
      () => retryRun(world.deps, stranger, { id, from: "start" }, {}),
    ])
      await expect(ask()).rejects.toMatchObject({ kind: "missing", code: "run.missing" });
  });

  it("go with their run, when its time is over", async ({ world }) => {
    const id = await recorded(
      world,
      [step(1, { msg: JSON.stringify({ payload: "z".repeat(30_000) }) })],
      [{ step: 1, n: 1, op: "tool.call", args: {}, state: "begun" }],
    );
    await cancelRun(world.deps, [], actor, { id });
    await world.deps.sql.query(`UPDATE "Run" SET "endedAt" = now() - interval '31 days' WHERE id = $1`, [id]);
    const { db } = world.deps;
    const left = async () => [await db.runStep.count(), await db.runCall.count(), await db.runPayload.count()];
    expect(await left()).toEqual([1, 1, 1]);
    expect(await deleteOldRuns(world.deps)).toBe(1);
    expect(await left()).toEqual([0, 0, 0]);
  });
});

describe("a retry", () => {
  const nodes = (text: string) => [
    { id: "t", type: "tab", label: "Flow" },
    { id: "i", type: "inject", z: "t", x: 1, y: 1, props: [{ p: "payload" }], payload: text, wires: [["d"]] },
    { id: "d", type: "debug", z: "t", x: 2, y: 1, wires: [] },
  ];

  it("begins a new run with the same input, or with another one, at the same start", async ({ world }) => {
    const flow = await createFlow(world.deps, actor, { name: "Flow", nodes: nodes("a") });
    const start = flow.starts[0]?.node ?? "";
    const begun = await startFlowRun(world.deps, actor, { flowId: flow.id, input: { n: 1 }, start, trigger: "api" });
    const again = await retryRun(world.deps, actor, { id: begun.runId, from: "start" }, {});
    const other = await retryRun(world.deps, actor, { id: begun.runId, from: "start", input: 2 }, {});
    const runs = await world.deps.db.run.findMany({ orderBy: { createdAt: "asc" } });
    expect(runs.map(({ id }) => id).toSorted()).toEqual([begun.runId, again.runId, other.runId].toSorted());
    const of = (id: string) => runs.find((run) => run.id === id);
    expect(of(again.runId)).toMatchObject({ trigger: "retry", subjectId: flow.id, input: of(begun.runId)?.input });
    expect(of(other.runId)?.input).toMatchObject({ start: { node: start }, payload: 2 });
  });

  it("begins one run for a repeated idempotency key", async ({ world }) => {
    const flow = await createFlow(world.deps, actor, { name: "Flow", nodes: nodes("a") });
    const { runId } = await startFlowRun(world.deps, actor, { flowId: flow.id, trigger: "api" });
    const key = { idempotencyKey: "again" };
    const first = await retryRun(world.deps, actor, { id: runId, from: "start" }, key);
    expect(await retryRun(world.deps, actor, { id: runId, from: "start" }, key)).toMatchObject({
      runId: first.runId,
      created: false,
    });
  });

  it("says what is possible: from where, of which runs, by whom", async ({ world }) => {
    const flow = await createFlow(world.deps, actor, { name: "Flow", nodes: nodes("a") });
    const { runId } = await startFlowRun(world.deps, actor, { flowId: flow.id, trigger: "api" });
    await expect(retryRun(world.deps, actor, { id: runId, from: "failed" }, {})).rejects.toMatchObject({
      kind: "invalid",
      code: "run.retry-from",
      message: expect.stringContaining('"start"') as string,
    });
    const chat = await startRunNow(world.deps, actor, { kind: "chat", title: "x", trigger: "test", input: {} });
    await expect(retryRun(world.deps, actor, { id: chat.run.id, from: "start" }, {})).rejects.toMatchObject({
      code: "run.retry-kind",
    });
    const editor = await world.actor({ role: "editor", workspaceId: actor.workspaceId });
    await expect(retryRun(world.deps, editor, { id: runId, from: "start" }, {})).rejects.toMatchObject({
      kind: "forbidden",
    });
  });
});
