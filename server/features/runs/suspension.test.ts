import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { cancelRun } from "./cancel-run.ts";
import { getRun } from "./find-runs.ts";
import type { Execution, RecordedCall, RunExecutor } from "./kinds.ts";
import { resumeRun } from "./resume-run.ts";
import { RunWorker } from "./run-worker.ts";
import { startRunNow } from "./start-run.ts";
import { chain } from "./test-steps.ts";

const workers: RunWorker[] = [];
let actor: Actor;
beforeEach<{ world: World }>(async ({ world }) => {
  await world.deps.db.run.deleteMany();
  actor = await world.actor();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop(0);
});

/** A worker that hardly sweeps: a wake-up that is lost stays lost. */
async function work({ deps }: World, execute: RunExecutor["execute"], executionTimeoutMs = 30_000): Promise<RunWorker> {
  const worker = new RunWorker(
    { ...deps, settings: { ...deps.settings, executionTimeoutMs } },
    { executors: [{ kind: "flow", resumesFrom: "steps", execute }], settlers: [] },
    { tendMs: 60_000 },
  );
  workers.push(worker);
  await worker.start();
  return worker;
}
const start = async ({ deps }: World) =>
  (await startRunNow(deps, actor, { kind: "flow", title: "Test run", trigger: "test", input: {} })).run;
const reaches = ({ deps }: World, id: string, status: string) =>
  vi.waitFor(async () => expect((await getRun(deps, actor, { id })).status).toBe(status), {
    timeout: 5_000,
    interval: 5,
  });
const eventTypes = async ({ deps }: World, runId: string) =>
  (await deps.db.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } })).map(({ type }) => type);

/** Asks once, as a flow does with a node for people: call 1 of step 1. */
async function ask({ deps }: World, { run, call, commit }: Execution): Promise<void> {
  call({ step: 1, n: 1, op: "approval.request", args: { question: "?" }, state: "begun" });
  await commit();
  await deps.db.approval.createMany({
    skipDuplicates: true,
    data: {
      id: `apr_${run.id}`,
      workspaceId: run.workspaceId,
      runId: run.id,
      stepSeq: 1,
      callN: 1,
      kind: "question",
      title: "t",
      question: "?",
      detail: {},
      options: [],
      form: [],
    },
  });
}
const decide = ({ deps }: World, runId: string) =>
  deps.db.$transaction(async (tx) => {
    await tx.approval.update({ where: { id: `apr_${runId}` }, data: { status: "decided", decision: "yes" } });
    await resumeRun(tx, runId);
  });
/** Asks, is suspended until the answer is there, and answers the call with it. */
const asking =
  (world: World, beforeSuspending: (execution: Execution) => Promise<void> = async () => undefined) =>
  async (execution: Execution) => {
    const [known] = await execution.calls();
    if (!known) await ask(world, execution);
    const approval = await world.deps.db.approval.findUniqueOrThrow({ where: { id: `apr_${execution.run.id}` } });
    if (approval.status === "open") {
      await beforeSuspending(execution);
      return { suspend: "waiting" as const, usage: { inputTokens: 1, outputTokens: 2, modelCalls: 3, toolCalls: 4 } };
    }
    const answered: RecordedCall = { step: 1, n: 1, op: "approval.request", args: {}, state: "done", result: "yes" };
    execution.call(answered);
    return { output: approval.decision };
  };

describe("a suspended run", () => {
  it("is held by nobody, says so, and goes on with its log after the decision", async ({ world }) => {
    const seen: unknown[] = [];
    const usage: unknown[] = [];
    const worker = await work(world, async (execution) => {
      const log = await execution.recorded();
      seen.push(log.steps.length, (await execution.calls()).length, execution.history.length);
      usage.push(execution.run.usage);
      if (log.steps.length === 0) execution.record(chain(4));
      return asking(world)(execution);
    });
    const { id } = await start(world);
    await reaches(world, id, "waiting");
    await vi.waitFor(() => expect(worker.active).toBe(0));
    expect(await world.deps.db.run.findUnique({ where: { id } })).toMatchObject({
      leaseToken: null,
      leaseUntil: null,
      endedAt: null,
    });
    await decide(world, id);
    await reaches(world, id, "completed");
    expect(seen).toEqual([0, 0, 0, 4, 1, 0]);
    expect(usage).toEqual([null, { inputTokens: 1, outputTokens: 2, modelCalls: 3, toolCalls: 4 }]);
    expect(await getRun(world.deps, actor, { id })).toMatchObject({ output: "yes", attempt: 1 });
    expect(await eventTypes(world, id)).toEqual(["status", "steps", "suspended", "status", "resumed", "done"]);
  });

  it("goes on when the decision came just before it was suspended", async ({ world }) => {
    await work(
      world,
      asking(world, ({ run }) => decide(world, run.id)),
    );
    const { id } = await start(world);
    await reaches(world, id, "completed");
  });

  it("goes on whenever the decision comes: no wake-up is lost", async ({ world }) => {
    await work(world, asking(world));
    const runs = await Promise.all(Array.from({ length: 40 }, () => start(world)));
    await Promise.all(
      runs.map(async ({ id }, i) => {
        await vi.waitFor(async () => expect(await world.deps.db.approval.count({ where: { runId: id } })).toBe(1), {
          timeout: 5_000,
          interval: 20, // they share the executor's connections
        });
        await new Promise((later) => setTimeout(later, i % 9));
        await decide(world, id);
      }),
    );
    for (const { id } of runs) await reaches(world, id, "completed");
  });

  it("goes on with no more than the role that its starter has by then, and not at all for who has left", async ({
    world,
  }) => {
    const roles: string[] = [];
    await work(world, async (execution) => {
      roles.push(execution.actor.role);
      return asking(world)(execution);
    });
    const { db } = world.deps;
    const [demoted, gone] = [await start(world), await start(world)];
    for (const { id } of [demoted, gone]) await reaches(world, id, "waiting");
    const of = async (id: string) => {
      const { userId, workspaceId } = await db.run.findUniqueOrThrow({ where: { id } });
      return { workspaceId_userId: { workspaceId, userId: userId ?? "" } };
    };
    await db.membership.update({ where: await of(demoted.id), data: { role: "viewer" } });
    await decide(world, demoted.id);
    await reaches(world, demoted.id, "completed");
    expect(roles.at(-1)).toBe("viewer");
    await db.membership.delete({ where: await of(gone.id) });
    await decide(world, gone.id);
    await reaches(world, gone.id, "failed");
    expect((await db.run.findUniqueOrThrow({ where: { id: gone.id } })).error).toMatchObject({ code: "auth.role" });
  });

  it("is held when it goes on before its suspension is known to be over", async ({ world }) => {
    const { sql } = world.deps;
    const slow = {
      query: sql.query.bind(sql),
      async connect() {
        const client = await sql.connect();
        const query = async (text: string, values?: unknown[]) => {
          const result = await client.query(text, values);
          if (text === "COMMIT") await new Promise((later) => setTimeout(later, 300));
          return result;
        };
        return { query, release: (error?: Error) => client.release(error) };
      },
    } as unknown as typeof sql; // what of it is used here
    let attempts = 0;
    const goOn = Promise.withResolvers<void>();
    const worker = await work({ ...world, deps: { ...world.deps, sql: slow } }, async (execution) => {
      if (++attempts === 2) await goOn.promise;
      return asking(world, ({ run }) => decide(world, run.id))(execution);
    });
    const { id } = await start(world);
    await vi.waitFor(() => expect(attempts).toBe(2), { timeout: 5_000 });
    await new Promise((later) => setTimeout(later, 500));
    expect(worker.active).toBe(1);
    goOn.resolve();
    await reaches(world, id, "completed");
  });

  it("is not called poisonous for being suspended often", async ({ world }) => {
    let times = 0;
    await work(world, async () => (++times <= 12 ? { suspend: "paused" } : { output: times }));
    const { id } = await start(world);
    for (let i = 1; i <= 12; i++) {
      await vi.waitFor(async () => {
        expect(times).toBe(i);
        expect((await getRun(world.deps, actor, { id })).status).toBe("paused");
      });
      await world.deps.db.$transaction((tx) => resumeRun(tx, id));
    }
    await reaches(world, id, "completed");
  });

  it("does not use up its time", async ({ world }) => {
    await work(world, asking(world), 5_000);
    const { id } = await start(world);
    await reaches(world, id, "waiting");
    await world.deps.sql.query(`UPDATE "Run" SET "startedAt" = "startedAt" - interval '1 hour' WHERE id = $1`, [id]);
    await world.deps.sql.query(
      `UPDATE "RunEvent" SET at = at - interval '1 hour' WHERE "runId" = $1 AND type = 'suspended'`,
      [id],
    );
    await decide(world, id);
    await reaches(world, id, "completed");
  });

  it("uses up its time while it works, before and after", async ({ world }) => {
    await work(world, asking(world), 5_000);
    const { id } = await start(world);
    await reaches(world, id, "waiting");
    await world.deps.sql.query(`UPDATE "Run" SET "startedAt" = "startedAt" - interval '1 hour' WHERE id = $1`, [id]);
    await decide(world, id);
    await reaches(world, id, "timed_out");
  });

  it("is cancelled at once, with what it asked for, and does not come back", async ({ world }) => {
    await work(world, asking(world));
    const { id } = await start(world);
    await reaches(world, id, "waiting");
    expect(await cancelRun(world.deps, [], actor, { id })).toMatchObject({ status: "cancelled" });
    expect(await world.deps.db.approval.findFirst({ where: { runId: id } })).toMatchObject({ status: "cancelled" });
    await world.deps.db.$transaction((tx) => resumeRun(tx, id));
    expect((await getRun(world.deps, actor, { id })).status).toBe("cancelled");
    expect(await eventTypes(world, id)).toEqual(["status", "suspended", "cancelled"]);
  });

  it("lets one of a cancel and a decision win, without either waiting for the other for ever", async ({ world }) => {
    await work(world, asking(world));
    for (let i = 0; i < 15; i++) {
      const { id } = await start(world);
      await reaches(world, id, "waiting");
      const [cancelled] = await Promise.allSettled([
        cancelRun(world.deps, [], actor, { id }),
        world.deps.db.$transaction(async (tx) => {
          const { count } = await tx.approval.updateMany({
            where: { id: `apr_${id}`, status: "open" },
            data: { status: "decided", decision: "yes" },
          });
          if (count > 0) await resumeRun(tx, id);
        }),
      ]);
      if (cancelled.status === "fulfilled") expect((await getRun(world.deps, actor, { id })).status).toBe("cancelled");
      else await reaches(world, id, "completed");
    }
  });
});

it("tells a run that is under way of a decision", async ({ world }) => {
  await work(world, async (execution) => {
    await ask(world, execution);
    await new Promise<void>((heard) => execution.onResume(heard));
    return { output: "heard" };
  });
  const { id } = await start(world);
  await vi.waitFor(async () => expect(await world.deps.db.approval.count({ where: { runId: id } })).toBe(1));
  await new Promise((later) => setImmediate(later));
  await decide(world, id);
  await reaches(world, id, "completed");
});
