import { afterEach, beforeAll, describe, expect } from "vitest";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { respond } from "../../approvals/index.ts";
import { cancelRun } from "../../runs/index.ts";
import {
  becomes,
  callsOf,
  debug,
  delay,
  eventsOf,
  expireLeases,
  flow,
  flowWorker,
  fn,
  inject,
  node,
  payloadOf,
  reaches,
  run,
  start,
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

const worker = async (world: World, options?: Parameters<typeof flowWorker>[1]) => {
  world.setUpstreams([{ name: "plant", url: upstream.url }]);
  const made = await flowWorker(world, options);
  ends.push(made.stop);
  return made;
};
const callsSince = (before: number) => upstream.calls().slice(before);

describe("a run of a flow", () => {
  it("records each step with its message, and ends with what reached its end", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const nodes = [inject(["f"], 20), fn("f", "msg.payload = msg.payload + 1; return msg;", ["out"]), debug()];
    const runId = await run(world, actor, nodes);
    expect(payloadOf(await becomes(world, runId, "completed"))).toBe(21);
    const steps = await stepsOf(world, runId);
    expect(steps.map((step) => [step.nodeName, step.status, step.fromSeq, step.fromPort])).toEqual([
      ["in", "done", null, null],
      ["f", "done", 1, 0],
      ["out", "done", 2, 0],
    ]);
    expect(steps.map(({ input }) => (input as { payload?: unknown }).payload)).toEqual([undefined, 20, 21]);
    expect(await eventsOf(world, runId, "debug")).toEqual([expect.objectContaining({ value: 21 })]);
  });

  it("takes its input in place of what the inject node says", async ({ world }) => {
    await worker(world);
    const runId = await run(world, await world.actor(), [inject(["out"]), debug()], { input: { order: "A-1" } });
    expect(payloadOf(await becomes(world, runId, "completed"))).toEqual({ order: "A-1" });
  });

  it("fails with the error that no catch node took, and says which", async ({ world }) => {
    await worker(world);
    const runId = await run(world, await world.actor(), [inject(["f"]), fn("f", "throw new Error('No such order')")]);
    expect((await becomes(world, runId, "failed")).error).toMatchObject({
      message: expect.stringContaining("No such order"),
    });
  });

  it("keeps flow and global context for the next run, also in another runner", async ({ world }) => {
    const actor = await world.actor();
    const first = await worker(world);
    const id = await flow(world, actor, [
      inject(["f"]),
      fn(
        "f",
        "const n = (flow.get('n') || 0) + 1; flow.set('n', n); global.set('all', (global.get('all') || 0) + 10); msg.payload = [n, global.get('all')]; return msg;",
        ["out"],
      ),
      debug(),
    ]);
    expect(payloadOf(await becomes(world, await start(world, actor, id), "completed"))).toEqual([1, 10]);
    expect(payloadOf(await becomes(world, await start(world, actor, id), "completed"))).toEqual([2, 20]);
    await first.stop();
    await worker(world);
    expect(payloadOf(await becomes(world, await start(world, actor, id), "completed"))).toEqual([3, 30]);
    const stranger = await world.actor();
    const theirs = [
      inject(["f"]),
      fn("f", "msg.payload = global.get('all') || 'nothing'; return msg;", ["out"]),
      debug(),
    ];
    expect(payloadOf(await becomes(world, await run(world, stranger, theirs), "completed"))).toBe("nothing");
  });

  it("answers the request that began it, at once when the node says so", async ({ world }) => {
    await worker(world);
    const nodes = [
      node("hook", "http in", { url: "/orders/:id", method: "post", upload: false }, ["f"]),
      fn("f", "msg.payload = {got: msg.req.params.id, body: msg.payload}; msg.statusCode = 201; return msg;", [
        "answer",
      ]),
      node("answer", "http response", { statusCode: "", headers: { "x-plant": "7" } }),
    ];
    const view = { method: "POST", url: "/orders/7", path: "/orders/7", headers: {}, query: {}, cookies: {} };
    const request = { ...view, params: { id: "7" }, body: { n: 1 } };
    const runId = await run(world, await world.actor(), nodes, { request });
    await becomes(world, runId, "completed");
    const [reply] = await eventsOf(world, runId, "http_reply");
    expect(reply).toMatchObject({ statusCode: 201 });
    expect(JSON.stringify(reply)).toContain("got");
  });
});

describe("a call of a tool", () => {
  it("is made for who started the run, under a key of its own, and counted", async ({ world }) => {
    await worker(world);
    const before = upstream.calls().length;
    const runId = await run(world, await world.actor(), [
      inject(["call"], { material: "M-1" }),
      tool("call", "plant.read_stock", ["out"]),
      debug(),
    ]);
    const row = await becomes(world, runId, "completed");
    expect(payloadOf(row)).toEqual({ material: "M-1", stock: 42 });
    expect(row.usage).toMatchObject({ toolCalls: 1 });
    expect(callsSince(before)).toEqual([
      expect.objectContaining({ name: "read_stock", idempotencyKey: `${runId}/2/1` }),
    ]);
    expect(await callsOf(world, runId)).toEqual([
      expect.objectContaining({ stepSeq: 2, n: 1, op: "tool.call", state: "done" }),
    ]);
  });

  it("that writes needs the permission of who started the run, with the scopes of the key", async ({ world }) => {
    await worker(world);
    const before = upstream.calls().length;
    const nodes = [inject(["call"], { material: "M", amount: 1 }), tool("call", "plant.book", ["out"]), debug()];
    const editor = await world.actor({ role: "editor" });
    const refused = await becomes(world, await run(world, editor, nodes), "failed");
    expect(refused.error).toMatchObject({ code: "tool.forbidden", message: expect.stringContaining("operator") });
    const scoped = { ...(await world.actor()), scopes: ["flow.run", "flow.read", "flow.write", "plant.read"] };
    expect((await becomes(world, await run(world, scoped, nodes), "failed")).error).toMatchObject({
      code: "tool.forbidden",
    });
    expect(callsSince(before)).toEqual([]);
    await becomes(world, await run(world, await world.actor({ role: "operator" }), nodes), "completed");
    expect(callsSince(before)).toHaveLength(1);
  });

  it("that does not exist or does not fit fails the step in words", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const missing = await run(world, actor, [inject(["call"], {}), tool("call", "plant.nothing")]);
    expect((await becomes(world, missing, "failed")).error).toMatchObject({ code: "tool.missing" });
    const wrong = await run(world, actor, [inject(["call"], { material: 7 }), tool("call", "plant.read_stock")]);
    expect((await becomes(world, wrong, "failed")).error).toMatchObject({
      code: "tool.arguments",
      message: expect.stringContaining("material"),
    });
  });
});

describe("a worker that dies", () => {
  const interrupted = async (world: World, name: string, args: Record<string, unknown>) => {
    const first = await worker(world);
    const actor = await world.actor();
    const before = upstream.calls().length;
    const runId = await run(world, actor, [inject(["call"], args), tool("call", name, ["out"]), debug()]);
    await until("the call arrived", () => callsSince(before).length === 1);
    // The result never reaches the run: whoever would write it has lost it.
    await expireLeases(world);
    const second = worker(world);
    await first.stop();
    await second;
    return { actor, runId, before };
  };

  it("leaves a call open that may not be repeated: people decide, the run waits for them", async ({ world }) => {
    const { actor, runId, before } = await interrupted(world, "plant.slow", { ms: 1_500 });
    await becomes(world, runId, "needs_decision");
    expect(callsSince(before)).toHaveLength(1);
    const [approval] = await world.deps.db.approval.findMany({ where: { runId } });
    expect(approval).toMatchObject({ kind: "decision", status: "open", stepSeq: 2, callN: 1 });
    const values = { value: '{"done": "by hand"}' };
    await respond(world.deps, actor, { id: approval?.id ?? "", decision: "skip", values });
    expect(payloadOf(await becomes(world, runId, "completed"))).toEqual({ done: "by hand" });
    expect(callsSince(before)).toHaveLength(1);
  });

  it("repeats it where people say so, under the same key", async ({ world }) => {
    const { actor, runId, before } = await interrupted(world, "plant.slow", { ms: 1_200 });
    await becomes(world, runId, "needs_decision");
    const [approval] = await world.deps.db.approval.findMany({ where: { runId } });
    await respond(world.deps, actor, { id: approval?.id ?? "", decision: "repeat" });
    expect(payloadOf(await becomes(world, runId, "completed"))).toEqual({ done: true });
    expect(callsSince(before).map(({ idempotencyKey }) => idempotencyKey)).toEqual([`${runId}/2/1`, `${runId}/2/1`]);
  });
});

describe("a runner that is killed", () => {
  it("takes nothing with it: its runs go on from their log, each step done once", async ({ world }) => {
    const { pool } = await worker(world);
    const actor = await world.actor();
    const before = upstream.calls().length;
    const nodes = () => [
      inject(["call"], { material: "M-2", amount: 1 }),
      tool("call", "plant.book", ["wait"]),
      delay("wait", 2_000, ["out"]),
      debug(),
    ];
    const runs = [await run(world, actor, nodes()), await run(world, actor, nodes())];
    for (const runId of runs) await reaches(world, runId, "wait");
    const pid = pool.runners().find(({ workspaceId }) => workspaceId === actor.workspaceId)?.pid;
    process.kill(pid ?? -1, "SIGKILL");
    for (const runId of runs) {
      expect((await becomes(world, runId, "completed")).attempt).toBe(1);
      const steps = await stepsOf(world, runId);
      expect(steps.map((step) => `${step.nodeName} ${step.status}`)).toEqual([
        "in done",
        "call done",
        "wait done",
        "out done",
      ]);
    }
    expect(callsSince(before)).toHaveLength(2);
  });
});

const APPROVE_OR_REJECT = [
  { value: "approve", label: "Approve" },
  { value: "reject", label: "Reject" },
];

describe("a question to people", () => {
  const ask = (more: object = {}) =>
    node(
      "ask",
      "osf-human-input",
      { question: "Release {{payload}}?", title: "Release", options: APPROVE_OR_REJECT, ...more },
      ["yes"],
      ["no"],
    );

  it("lets the run wait without holding anything, and go on with the answer", async ({ world }) => {
    const { pool } = await worker(world);
    const actor = await world.actor();
    const runId = await run(world, actor, [inject(["ask"], "Q-7"), ask(), debug("yes"), debug("no")]);
    await becomes(world, runId, "waiting");
    expect(pool.runners().reduce((sum, { runs }) => sum + runs, 0)).toBe(0);
    const [required] = await eventsOf(world, runId, "approval_required");
    expect(required).toMatchObject({ title: "Release", step: 2 });
    await respond(world.deps, actor, { id: String(required?.["approvalId"]), decision: "reject" });
    await becomes(world, runId, "completed");
    expect((await stepsOf(world, runId)).map((step) => `${step.nodeName} ${step.status}`)).toEqual([
      "in done",
      "ask done",
      "no done",
    ]);
    expect(await eventsOf(world, runId, "approval_decided")).toEqual([expect.objectContaining({ decision: "reject" })]);
    expect(await eventsOf(world, runId, "approval_required")).toHaveLength(1);
  });

  it("does not let the run go before people can answer, however long that takes", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const runId = await run(world, actor, [
      inject(["wait"], "Q"),
      delay("wait", 1_500, ["ask"]),
      ask(),
      debug("yes"),
      debug("no"),
    ]);
    // Whoever asks waits until it is known whether the same question is asked here.
    const client = await world.deps.sql.connect();
    try {
      await client.query("BEGIN");
      await client.query(
        `INSERT INTO "Approval" (id, "workspaceId", "runId", "stepSeq", "callN", kind, title, question, detail, options, form)
         VALUES ('apr_never', $1, $2, 3, 1, 'question', '', '', '{}', '[]', '[]')`,
        [actor.workspaceId, runId],
      );
      await reaches(world, runId, "ask");
      await new Promise((later) => setTimeout(later, 2_000)); // the engine has nothing to do for longer than it waits
      expect((await world.deps.db.run.findUniqueOrThrow({ where: { id: runId } })).status).toBe("running");
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
    await becomes(world, runId, "waiting");
    const [approval] = await world.deps.db.approval.findMany({ where: { runId } });
    await respond(world.deps, actor, { id: approval?.id ?? "", decision: "approve" });
    await becomes(world, runId, "completed");
  });

  it("is answered while other branches of the run are at work", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const nodes = [
      inject(["ask", "wait"]),
      ask(),
      debug("yes"),
      debug("no"),
      delay("wait", 2_500, ["late"]),
      debug("late"),
    ];
    const runId = await run(world, actor, nodes);
    const required = await until("it is asked", async () => (await eventsOf(world, runId, "approval_required"))[0]);
    await respond(world.deps, actor, { id: String(required["approvalId"]), decision: "approve" });
    await reaches(world, runId, "yes", "done");
    expect((await world.deps.db.run.findUniqueOrThrow({ where: { id: runId } })).status).toBe("running");
    await becomes(world, runId, "completed");
  });
});

describe("a flow that calls a flow", () => {
  const sub = (id: string, more: object = {}) => node("sub", "osf-sub-flow", { flow: id, ...more }, ["out"]);

  it("gets its result, and stands above it", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const child = await flow(world, actor, [
      inject(["f"]),
      fn("f", "msg.payload = msg.payload * 2; return msg;", ["out"]),
      debug(),
    ]);
    const runId = await run(world, actor, [inject(["sub"], 21), sub(child), debug()]);
    expect(payloadOf(await becomes(world, runId, "completed"))).toBe(42);
    const [below] = await world.deps.db.run.findMany({ where: { parentRunId: runId } });
    expect(below).toMatchObject({ status: "completed", depth: 1, trigger: "flow" });
  });

  it("fails with the reason why the other failed", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const child = await flow(world, actor, [inject(["f"]), fn("f", "throw new Error('The press is down')")]);
    const runId = await run(world, actor, [inject(["sub"]), sub(child), debug()]);
    const { error } = await becomes(world, runId, "failed");
    expect(error).toMatchObject({
      code: "flow.sub-flow-failed",
      message: expect.stringContaining("The press is down"),
    });
  });

  it("takes it along when it is cancelled", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    const child = await flow(world, actor, [inject(["wait"]), delay("wait", 60_000, ["out"]), debug()]);
    const runId = await run(world, actor, [inject(["sub"]), sub(child), debug()]);
    const below = await until("the other runs", () => world.deps.db.run.findFirst({ where: { parentRunId: runId } }));
    await reaches(world, below.id, "wait");
    await cancelRun(world.deps, [], actor, { id: runId });
    await becomes(world, below.id, "cancelled");
  });

  it("does so five times in a row at most", async ({ world }) => {
    await worker(world);
    const actor = await world.actor();
    let id = await flow(world, actor, [inject(["out"], "bottom"), debug()]);
    for (let depth = 1; depth <= 6; depth++) id = await flow(world, actor, [inject(["sub"], "x"), sub(id), debug()]);
    const { error } = await becomes(world, await start(world, actor, id), "failed", 40_000);
    expect((error as { message: string }).message).toContain("5 times");
  }, 60_000);
});
