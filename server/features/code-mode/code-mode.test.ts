import { describe, expect, vi } from "vitest";
import type { ModelRequest } from "#tests/support/scripted-model.ts";
import { answerOf, ended, ends, model, send, takeAway, upstream, worker } from "#tests/support/turns.ts";
import { it } from "#tests/support/world.ts";
import { respond } from "../approvals/index.ts";
import { keepResuming } from "../chat/index.ts";
import type { ToolPart } from "../chat/turn.schema.ts";

const hasResult = (request: ModelRequest) => request.messages.at(-1)?.role === "tool";
/** Runners begin new for each workspace. */
const SLOW_MS = 30_000;
/** A model that takes the question for the code. */
const coder = () =>
  model((request) =>
    hasResult(request)
      ? { text: ["Done."] }
      : { calls: [{ name: "run_code", args: { code: request.messages.at(-1)?.content } }] },
  );
const toolPart = (answer: { parts: unknown[] } | undefined) => answer?.parts[0] as ToolPart;

describe("code that the model writes", () => {
  it("calls tools through the gateway, as the person, and only its result and log come back", async ({ world }) => {
    const actor = await world.actor({ role: "operator" });
    const server = await coder();
    await worker(world, server.url, { flows: true });
    const code = `
      interface Stock { material: string; stock: number }
      let total = 0;
      for (const material of ["A", "B", "C", "D", "E"]) {
        const { stock } = (await tools.plant.read_stock({ material })) as Stock;
        total += stock;
      }
      console.log("looked at", 5);
      return { total };`;
    const { sessionId, runId } = await send(world, actor, code);
    await ended(world, runId, SLOW_MS);
    const part = toolPart(await answerOf(world, actor, sessionId));
    expect(part).toMatchObject({
      name: "run_code",
      state: "ok",
      result: { result: { total: 210 }, log: ["looked at 5"] },
    });
    expect(upstream.calls().map(({ args }) => args["material"])).toEqual(["A", "B", "C", "D", "E"]);
    const child = await world.deps.db.run.findFirstOrThrow({ where: { parentRunId: runId } });
    expect(part.runId).toBe(child.id);
    expect(await world.deps.db.auditEntry.count({ where: { runId: child.id, action: "tool.call" } })).toBe(5);
  }, 60_000);

  it("is told which line is wrong, and what a tool said that failed", async ({ world }) => {
    const actor = await world.actor();
    const server = await coder();
    await worker(world, server.url, { flows: true });
    for (const [code, said] of [
      ["const a = 1;\nnull.x;", /line 2, column/],
      ["const a: = 1;", /line 1, column/],
      ["await tools.plant.refuse({})", /plant\.refuse: The bin is locked/],
      ["await tools.plant.read_stock({ material: 7 })", /material/],
      ["await tools.nobody.nothing({})", /does not exist/],
      ["await flows.nothing({})", /no flow nothing/],
    ] as const) {
      const { sessionId, runId } = await send(world, actor, code);
      await ended(world, runId, SLOW_MS);
      expect(toolPart(await answerOf(world, actor, sessionId)), code).toMatchObject({
        state: "failed",
        result: expect.stringMatching(said) as string,
      });
    }
  }, 90_000);

  it("has nothing that is for flows: no contexts of the workspace, no models, no agents", async ({ world }) => {
    const actor = await world.actor({ role: "viewer" });
    const server = await coder();
    await worker(world, server.url, { flows: true });
    for (const code of [
      `const [, outer] = arguments; outer.global.set("line", "stopped"); return "set";`,
      `})(), ctx.global.set("line", "stopped"), (async () => {`,
      `const [, outer] = arguments; return (await outer.llm.complete({ prompt: "x" })).text;`,
    ]) {
      const { sessionId, runId } = await send(world, actor, code);
      await ended(world, runId, SLOW_MS);
      expect(toolPart(await answerOf(world, actor, sessionId)), code).toMatchObject({
        state: "failed",
        result: expect.stringMatching(/undefined/) as string,
      });
    }
    const { workspaceId } = actor;
    expect(await world.deps.db.flowContext.count({ where: { workspaceId } })).toBe(0);
    const { sessionId, runId } = await send(world, actor, `const [, outer] = arguments; return Object.keys(outer);`);
    await ended(world, runId, SLOW_MS);
    expect(toolPart(await answerOf(world, actor, sessionId))).toMatchObject({ state: "ok", result: { result: [] } });
  }, 90_000);

  it("may do no more than the person: a viewer's code changes nothing", async ({ world }) => {
    const actor = await world.actor({ role: "viewer" });
    const server = await coder();
    await worker(world, server.url, { flows: true });
    const code = `return await tools.plant.book({ material: "A", amount: 1 })`;
    const { sessionId, runId } = await send(world, actor, code);
    await ended(world, runId, SLOW_MS);
    expect(toolPart(await answerOf(world, actor, sessionId))).toMatchObject({
      state: "failed",
      result: expect.stringMatching(/operator/) as string,
    });
    expect(upstream.calls()).toEqual([]);
  }, 60_000);

  it("that never ends is ended alone: the turn answers, and others' code goes on", async ({ world }) => {
    const actor = await world.actor();
    const server = await coder();
    await worker(world, server.url, { flows: true });
    const bad = await send(world, actor, "for (;;);");
    const good = await send(world, actor, "return 1 + 1");
    await ended(world, good.runId, SLOW_MS);
    await ended(world, bad.runId, SLOW_MS);
    expect(toolPart(await answerOf(world, actor, good.sessionId))).toMatchObject({
      state: "ok",
      result: { result: 2 },
    });
    const answer = await answerOf(world, actor, bad.sessionId);
    expect(toolPart(answer)).toMatchObject({ state: "failed", result: expect.stringMatching(/stopped/) as string });
    expect(answer?.status).toBe("complete");
  }, 90_000);

  it("goes on after its worker died: no call is made twice", async ({ world }) => {
    const actor = await world.actor({ role: "operator" });
    const server = await coder();
    await worker(world, server.url, { flows: true });
    const code = `
      const first = await tools.plant.book({ material: "A", amount: 1 });
      await tools.plant.slow({ ms: 60000 });
      return first;`;
    const { sessionId, runId } = await send(world, actor, code);
    await vi.waitFor(() => expect(upstream.calls().map(({ name }) => name)).toEqual(["book", "slow"]), SLOW_MS);
    const child = await world.deps.db.run.findFirstOrThrow({ where: { parentRunId: runId } });
    await takeAway(world, child.id);
    await takeAway(world, runId);
    // The call that was under way is not repeatable: people are asked, and the turn waits with the code.
    await vi.waitFor(
      async () =>
        expect(
          (await world.deps.db.run.findMany({ where: { id: { in: [runId, child.id] } } })).map((r) => r.status),
        ).toEqual(expect.arrayContaining(["needs_decision", "waiting"])),
      { timeout: SLOW_MS, interval: 50 },
    );
    const stop = keepResuming(world.deps, 50);
    ends.push(stop);
    const asked = await world.deps.db.approval.findFirstOrThrow({ where: { runId: child.id } });
    await respond(world.deps, actor, { id: asked.id, decision: "skip", values: { value: "" } });
    await ended(world, runId, SLOW_MS);
    expect(upstream.calls().map(({ name }) => name)).toEqual(["book", "slow"]);
    expect(toolPart(await answerOf(world, actor, sessionId))).toMatchObject({
      state: "ok",
      result: { result: { material: "A", booked: 1 } },
    });
  }, 120_000);
});
