import { describe, expect, vi } from "vitest";
import { startScriptedModel, type ModelRequest, type Scripted } from "#tests/support/scripted-model.ts";
import {
  answerOf,
  ended,
  ends,
  eventTypes,
  model,
  sees,
  send,
  takeAway,
  upstream,
  worker,
  type Script,
} from "#tests/support/turns.ts";
import { it } from "#tests/support/world.ts";
import { cancelRun } from "../runs/index.ts";
import { retryTurn, sendMessage } from "./send-message.ts";
import { getSession } from "./sessions.ts";
import { chatSettler } from "./settle-turn.ts";
import type { ToolPart } from "./turn.schema.ts";

const hasResult = (request: ModelRequest) => request.messages.at(-1)?.role === "tool";
const askThenAnswer =
  (name: string, args: Record<string, unknown>, text: Scripted["text"] = ["It is ", "done."]): Script =>
  (request) =>
    hasResult(request) ? { text: text } : { calls: [{ name, args }] };

describe("a turn", () => {
  it("asks the tool, gives its result to the model, and stores the whole answer with it", async ({ world }) => {
    const actor = await world.actor();
    const server = await model(askThenAnswer("plant__read_stock", { material: "M-1" }, ["There are ", "42."]));
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "How much M-1?");
    await ended(world, runId);
    const answer = await answerOf(world, actor, sessionId);
    expect(answer).toMatchObject({
      role: "assistant",
      status: "complete",
      parts: [
        {
          type: "tool",
          name: "plant.read_stock",
          arguments: { material: "M-1" },
          state: "ok",
          result: { material: "M-1", stock: 42 },
        },
        { type: "text", text: "There are 42." },
      ],
    });
    const stored = answer?.parts[0] as ToolPart;
    expect(Object.keys(stored.result as object)).toEqual(["material", "stock"]); // in the tool's own order
    expect(upstream.calls()).toHaveLength(1);
    expect(await eventTypes(world, runId)).toEqual([
      "status",
      "model_done",
      "tool_start",
      "tool_result",
      "content",
      "model_done",
      "done",
    ]);
    expect((await world.deps.db.run.findUniqueOrThrow({ where: { id: runId } })).usage).toEqual({
      inputTokens: 20,
      outputTokens: 10,
      modelCalls: 2,
      toolCalls: 1,
    });
  });

  it("remembers the conversation, its tools included", async ({ world }) => {
    const actor = await world.actor();
    const server = await model((_request, call) =>
      call === 1 ? { calls: [{ name: "plant__read_stock", args: { material: "M-1" } }] } : { text: [`answer ${call}`] },
    );
    await worker(world, server.url);
    const first = await send(world, actor, "How much M-1?");
    await ended(world, first.runId);
    const second = await send(world, actor, "And now?", first.sessionId);
    await ended(world, second.runId);
    expect(server.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
  });

  it("tells the model of a tool that failed and of one that does not exist, and goes on", async ({ world }) => {
    const actor = await world.actor();
    const server = await model((request) =>
      hasResult(request)
        ? { text: ["Sorry."] }
        : {
            calls: [
              { name: "plant__refuse", args: {} },
              { name: "plant__nothing", args: {} },
              { name: "plant__read_stock", args: { material: 7 } },
            ],
          },
    );
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await ended(world, runId);
    const tools = (await answerOf(world, actor, sessionId))?.parts.filter(
      (part): part is ToolPart => part.type === "tool",
    );
    expect(tools?.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
    expect(tools?.[0]?.result).toContain("The bin is locked");
    expect(tools?.[1]?.result).toContain("no tool");
    expect(JSON.stringify(tools?.[2]?.result)).toContain("material");
  });

  it("answers without tools at last when the model never stops asking for them", async ({ world }) => {
    const actor = await world.actor();
    const server = await model((request) =>
      request.tools ? { calls: [{ name: "plant__read_stock", args: { material: "M" } }] } : { text: ["Enough."] },
    );
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await ended(world, runId);
    expect((await answerOf(world, actor, sessionId))?.parts.at(-1)).toEqual({ type: "text", text: "Enough." });
    expect(server.requests).toHaveLength(8);
  });

  it("offers tools that write, dangerous ones among them, only to roles that may act on the plant", async ({
    world,
  }) => {
    const server = await model(() => ({ text: ["ok"] }));
    await worker(world, server.url);
    for (const role of ["viewer", "operator"] as const)
      await ended(world, (await send(world, await world.actor({ role }), "x")).runId);
    const offered = server.requests.map(({ tools }) => tools?.map(({ function: f }) => f.name) ?? []);
    expect(offered[0]).toContain("plant__read_stock");
    expect(offered[0]).not.toContain("plant__book");
    expect(offered[1]).toContain("plant__book");
    expect(offered[0]).not.toContain("plant__erase");
    expect(offered[1]).toContain("plant__erase");
  });

  it("offers no more through a key than the key's scopes allow", async ({ world }) => {
    const server = await model(() => ({ text: ["ok"] }));
    await worker(world, server.url);
    const operator = await world.actor({ role: "operator" });
    for (const scopes of [["chat.write"], ["chat.write", "plant.read"], ["chat.write", "plant.read", "tool.write"]])
      await ended(world, (await send(world, { ...operator, via: "api-key", scopes }, "x")).runId);
    const offered = server.requests.map(({ tools }) => tools?.map(({ function: f }) => f.name) ?? []);
    expect(offered[0]).toEqual([]);
    expect(offered[1]).toContain("plant__read_stock");
    expect(offered[1]).not.toContain("plant__book");
    expect(offered[2]).toContain("plant__book");
  });

  it("carries the request's id to its events and to the tools", async ({ world }) => {
    const server = await model(askThenAnswer("plant__read_stock", { material: "M-1" }));
    const actor = await world.actor();
    const asked = { message: "How much M-1?", tier: "free" as const };
    const { runId } = await sendMessage(world.deps, actor, asked, { trigger: "api", requestId: "caller-00001" });
    await world.deps.sql.query(`UPDATE "Run" SET "createdAt" = now() - interval '1 minute' WHERE id = $1`, [runId]);
    await worker(world, server.url);
    await ended(world, runId);
    expect(upstream.calls()).toMatchObject([{ name: "read_stock", correlationId: "caller-00001" }]);
    const events = await world.deps.db.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } });
    for (const end of [events[0], events.at(-1)]) expect(end?.data).toMatchObject({ requestId: "caller-00001" });
  });
});

describe("an interruption", () => {
  it("in the middle of the text: the passage is withdrawn, written anew whole, and no tool is called twice", async ({
    world,
  }) => {
    const actor = await world.actor();
    let hold = true;
    const server = await model((request) => {
      if (!hasResult(request)) return { calls: [{ name: "plant__book", args: { material: "M-1", amount: 1 } }] };
      return { text: hold ? ["Half of ", new Promise<void>(() => undefined)] : ["Half of ", "the answer."] };
    });
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "Book M-1");
    await sees(world, runId, "content");
    hold = false;
    await takeAway(world, runId);
    await worker(world, server.url);
    await ended(world, runId);
    const answer = await answerOf(world, actor, sessionId);
    expect(answer?.parts.map((part) => (part.type === "text" ? part.text : part.type))).toEqual([
      "tool",
      "Half of the answer.",
    ]);
    expect(answer?.status).toBe("complete");
    expect(upstream.calls().map(({ name }) => name)).toEqual(["book"]);
    expect(await eventTypes(world, runId)).toContain("content_withdrawn");
    expect((await getSession(world.deps, actor, { id: sessionId })).messages).toHaveLength(2);
  });

  it("while a tool that is not repeatable was under way: it is not called again, and the answer knows that", async ({
    world,
  }) => {
    const actor = await world.actor();
    const server = await model(askThenAnswer("plant__slow", {}));
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await vi.waitFor(() => expect(upstream.calls()).toHaveLength(1), 5_000);
    await takeAway(world, runId);
    await worker(world, server.url);
    await ended(world, runId);
    expect(upstream.calls()).toHaveLength(1);
    expect((await answerOf(world, actor, sessionId))?.parts[0]).toMatchObject({
      state: "failed",
      result: expect.stringContaining("not known") as string,
    });
  });

  it("while a repeatable tool was under way: it is called again under the same key", async ({ world }) => {
    const actor = await world.actor();
    const server = await model(askThenAnswer("plant__set_level", { level: 3 }));
    const { sessionId, runId } = await send(world, actor, "x");
    // The log as a worker leaves it that dies after the call left and before its result was written.
    const at = new Date();
    const call = { callId: "call_0", name: "plant.set_level", arguments: { level: 3 } };
    await world.deps.db.runEvent.createMany({
      data: [
        { runId, seq: 1, type: "status", data: { status: "running", attempt: 1 }, at },
        {
          runId,
          seq: 2,
          type: "model_done",
          data: { part: 1, text: "", toolCalls: [call], usage: { inputTokens: 7, outputTokens: 1 } },
          at,
        },
        { runId, seq: 3, type: "tool_start", data: { ...call, title: "Set level" }, at },
      ],
    });
    await world.deps.db.run.update({ where: { id: runId }, data: { lastSeq: 3, status: "running" } });
    await worker(world, server.url);
    await ended(world, runId);
    expect(upstream.calls()).toMatchObject([{ name: "set_level", idempotencyKey: `${runId}/call_0` }]);
    expect((await eventTypes(world, runId)).filter((type) => type === "tool_start")).toHaveLength(1);
    expect((await answerOf(world, actor, sessionId))?.status).toBe("complete");
    const { usage } = await world.deps.db.run.findUniqueOrThrow({ where: { id: runId } });
    expect(usage).toEqual({ inputTokens: 17, outputTokens: 6, modelCalls: 2, toolCalls: 1 });
  });
});

describe("a failure", () => {
  it("of the model's server ends the turn with what to do, and a retry answers once it is back", async ({ world }) => {
    const actor = await world.actor();
    const gone = await startScriptedModel(() => ({}));
    await gone.stop();
    const broken = await worker(world, gone.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await ended(world, runId);
    await broken.stop(0);
    const answer = await answerOf(world, actor, sessionId);
    expect(answer).toMatchObject({
      status: "failed",
      parts: [
        { type: "error", code: "model.unreachable", message: expect.stringContaining("does not answer") as string },
      ],
    });

    const server = await model(() => ({ text: ["Back."] }));
    const again = await retryTurn(world.deps, actor, { sessionId, runId });
    await world.deps.sql.query(`UPDATE "Run" SET "createdAt" = now() - interval '1 minute' WHERE id = $1`, [
      again.runId,
    ]);
    await worker(world, server.url);
    await ended(world, again.runId);
    const { messages } = await getSession(world.deps, actor, { id: sessionId });
    expect(messages.map(({ role, status }) => [role, status])).toEqual([
      ["user", "complete"],
      ["assistant", "complete"],
    ]);
    expect(server.requests[0]?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
  });

  it("of the model's server in the middle of a passage: it is withdrawn and written anew", async ({ world }) => {
    const actor = await world.actor();
    const gone = await startScriptedModel(() => ({ text: ["Half of ", new Promise(() => undefined)] }));
    await worker(world, gone.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await sees(world, runId, "content");
    await gone.stop();
    const back = await startScriptedModel(() => ({ text: ["The whole."] }), Number(new URL(gone.url).port));
    ends.push(() => back.stop());
    await ended(world, runId);
    expect(await answerOf(world, actor, sessionId)).toMatchObject({
      status: "complete",
      parts: [{ type: "text", text: "The whole." }],
    });
    expect(await eventTypes(world, runId)).toEqual([
      "status",
      "content",
      "content_withdrawn",
      "content",
      "model_done",
      "done",
    ]);
  });

  it("of the upstream is the tool's result, not the turn's end", async ({ world }) => {
    const actor = await world.actor();
    const server = await model(askThenAnswer("plant__read_stock", { material: "M" }));
    await worker(world, server.url);
    await world.deps.tools.list(actor);
    await upstream.stop();
    const { sessionId, runId } = await send(world, actor, "x");
    await ended(world, runId);
    const answer = await answerOf(world, actor, sessionId);
    expect(answer?.status).toBe("complete");
    expect(answer?.parts[0]).toMatchObject({ type: "tool", state: "failed" });
  });
});

describe("stopping", () => {
  it("keeps what was written, and the conversation can go on", async ({ world }) => {
    const actor = await world.actor();
    const server = await model((_request, call) => ({
      text: call === 1 ? ["The first ", new Promise<void>(() => undefined)] : ["Second."],
    }));
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await sees(world, runId, "content");
    await expect(send(world, actor, "too early", sessionId)).rejects.toMatchObject({
      kind: "conflict",
      code: "chat.busy",
    });
    await cancelRun(world.deps, [chatSettler], actor, { id: runId });
    expect(await answerOf(world, actor, sessionId)).toMatchObject({
      status: "stopped",
      parts: [{ type: "text", text: "The first " }],
    });
    const next = await send(world, actor, "go on", sessionId);
    await ended(world, next.runId);
    expect((await answerOf(world, actor, sessionId))?.parts).toEqual([{ type: "text", text: "Second." }]);
  });
});
