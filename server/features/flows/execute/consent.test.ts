import { afterEach, beforeAll, describe, expect } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { respond } from "../../approvals/index.ts";
import {
  becomes,
  debug,
  eventsOf,
  expireLeases,
  flowWorker,
  inject,
  payloadOf,
  run,
  stepsOf,
  tool,
} from "./test-execution.ts";

let upstream: TestUpstream;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  upstream = await startCountingUpstream();
  return () => upstream.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const worker = async (world: World, name = "plant") => {
  world.setUpstreams([{ name, url: upstream.url }]);
  const made = await flowWorker(world);
  ends.push(made.stop);
  return made;
};
const callsSince = (before: number) => upstream.calls().slice(before);
const approvals = ({ deps }: World, runId: string) =>
  deps.db.approval.findMany({ where: { runId }, orderBy: { id: "asc" } });
const erase = (world: World, actor: Actor) =>
  run(world, actor, [inject(["call"], { id: "M-1" }), tool("call", "plant.erase", ["out"]), debug()]);

describe("a step's call that needs consent", () => {
  it("suspends the run, holds no runner, and is made once when somebody agrees", async ({ world }) => {
    const { pool } = await worker(world);
    const actor = await world.actor();
    const colleague = await world.actor({ role: "operator", workspaceId: actor.workspaceId });
    const before = upstream.calls().length;
    const runId = await erase(world, actor);
    await becomes(world, runId, "waiting");
    expect(pool.runners().reduce((sum, { runs }) => sum + runs, 0)).toBe(0);
    expect(callsSince(before)).toEqual([]);
    const [asked, ...more] = await approvals(world, runId);
    expect(more).toEqual([]);
    expect(asked).toMatchObject({ kind: "tool", tool: "plant.erase", stepSeq: 2, starterId: actor.userId });
    expect(await eventsOf(world, runId, "approval_required")).toEqual([
      { approvalId: asked?.id, title: "Call plant.erase?", step: 2, kind: "tool", tool: "plant.erase" },
    ]);
    await respond(world.deps, colleague, { id: asked?.id ?? "", decision: "approve" });
    expect(payloadOf(await becomes(world, runId, "completed"))).toEqual({ erased: "M-1" });
    expect(callsSince(before)).toHaveLength(1);
    expect((await stepsOf(world, runId)).map((step) => `${step.nodeName} ${step.status}`)).toEqual([
      "in done",
      "call done",
      "out done",
    ]);
    expect(await approvals(world, runId)).toMatchObject([{ status: "decided", usedAt: expect.any(Date) as Date }]);
    expect(await eventsOf(world, runId, "approval_decided")).toMatchObject([
      { decision: "approve", by: colleague.name },
    ]);
  });

  it("fails the step when it is refused, and says by whom", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const before = upstream.calls().length;
    const runId = await erase(world, actor);
    await becomes(world, runId, "waiting");
    const [asked] = await approvals(world, runId);
    await respond(world.deps, actor, { id: asked?.id ?? "", decision: "reject", comment: "not today" });
    expect((await becomes(world, runId, "failed")).error).toMatchObject({
      code: "approval.refused",
      message: expect.stringContaining(`refused by ${actor.name} (not today)`) as string,
    });
    expect(callsSince(before)).toEqual([]);
  });

  it("waits on over the death of its worker: it provably never left, so nobody has to decide about it", async ({
    world,
  }) => {
    const first = await worker(world);
    const actor = await world.actor();
    const before = upstream.calls().length;
    const runId = await erase(world, actor);
    await becomes(world, runId, "waiting");
    await first.stop();
    // as if the worker had died before it could suspend the run
    await world.deps.db.run.update({ where: { id: runId }, data: { status: "running" } });
    await expireLeases(world);
    await worker(world);
    await becomes(world, runId, "waiting");
    const [asked, ...more] = await approvals(world, runId);
    expect(more).toEqual([]);
    await respond(world.deps, actor, { id: asked?.id ?? "", decision: "approve" });
    await becomes(world, runId, "completed");
    expect(callsSince(before)).toHaveLength(1);
  });

  it(
    "that was interrupted after it left is decided about by people, and repeated with the same consent",
    {
      timeout: 60_000, // two workers one after the other
    },
    async ({ world }) => {
      await world.deps.db.toolPin.create({
        data: { upstreamId: "strict", tool: "slow", state: "approved", approval: "always" },
      });
      const first = await worker(world, "strict");
      const actor = await world.actor();
      const before = upstream.calls().length;
      const nodes = [inject(["call"], { ms: 1_200 }), tool("call", "strict.slow", ["out"]), debug()];
      const runId = await run(world, actor, nodes);
      await becomes(world, runId, "waiting");
      await respond(world.deps, actor, { id: (await approvals(world, runId))[0]?.id ?? "", decision: "approve" });
      await until("the call arrived", () => callsSince(before).length === 1);
      await expireLeases(world);
      const second = worker(world, "strict");
      await first.stop();
      await second;
      await becomes(world, runId, "needs_decision");
      const [consent, decision] = await approvals(world, runId);
      expect([consent?.kind, decision?.kind]).toEqual(["tool", "decision"]);
      expect(consent?.usedAt).not.toBeNull();
      await respond(world.deps, actor, { id: decision?.id ?? "", decision: "repeat" });
      expect(payloadOf(await becomes(world, runId, "completed"))).toEqual({ done: true });
      expect(callsSince(before).map(({ idempotencyKey }) => idempotencyKey)).toEqual([`${runId}/2/1`, `${runId}/2/1`]);
      expect(await approvals(world, runId)).toHaveLength(2);
    },
  );
});
