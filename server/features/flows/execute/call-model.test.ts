import { afterEach, beforeAll, describe, expect } from "vitest";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { startScriptedModel } from "#tests/support/scripted-model.ts";
import { it, type World } from "#tests/support/world.ts";
import { becomes, callsOf, debug, flowWorker, inject, node, payloadOf, run } from "./test-execution.ts";

let upstream: TestUpstream;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  upstream = await startCountingUpstream();
  return () => upstream.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const worker = async (world: World, model: string) => {
  world.setUpstreams([{ name: "plant", url: upstream.url }]);
  ends.push((await flowWorker(world, { model })).stop);
};

describe("a model", () => {
  it("answers a prompt, and what it used is counted", async ({ world }) => {
    const model = await startScriptedModel(({ messages }) => ({
      text: [`You said ${String(messages.at(-1)?.content)}`],
    }));
    ends.push(model.stop);
    await worker(world, model.url);
    const runId = await run(world, await world.actor(), [
      inject(["llm"], "hello"),
      node("llm", "osf-llm", { prompt: "payload", promptType: "msg", temperature: "0.3" }, ["out"]),
      debug(),
    ]);
    const row = await becomes(world, runId, "completed");
    expect(payloadOf(row)).toBe("You said hello");
    expect(row.usage).toEqual({ inputTokens: 10, outputTokens: 5, modelCalls: 1, toolCalls: 0 });
  });

  it("that is to answer with JSON is asked again when it does not", async ({ world }) => {
    const model = await startScriptedModel((_request, call) => ({
      text: [call === 1 ? "Sure! It is 7" : '```json\n{"n": 7}\n```'],
    }));
    ends.push(model.stop);
    await worker(world, model.url);
    const nodes = [
      inject(["llm"], "how many"),
      node("llm", "osf-llm", { prompt: "payload", promptType: "msg", json: true }, ["out"]),
      debug(),
    ];
    const row = await becomes(world, await run(world, await world.actor(), nodes), "completed");
    expect(payloadOf(row)).toEqual({ n: 7 });
    expect(model.requests[0]).toMatchObject({ response_format: { type: "json_object" } });
  });

  it("as an agent uses the tools that it was given and no others", async ({ world }) => {
    const model = await startScriptedModel(({ messages }, call) =>
      call === 1
        ? { calls: [{ name: "plant__read_stock", args: { material: "M-9" } }] }
        : { text: [`Stock: ${JSON.stringify(messages.at(-1)?.content)}`] },
    );
    ends.push(model.stop);
    await worker(world, model.url);
    const before = upstream.calls().length;
    const agent = { kind: "own", instructions: "Look", tools: "plant.read_*", input: "payload", inputType: "msg" };
    const runId = await run(world, await world.actor(), [
      inject(["agent"], "How much M-9?"),
      node("agent", "osf-agent", agent, ["out"]),
      debug(),
    ]);
    const row = await becomes(world, runId, "completed");
    expect(payloadOf(row)).toContain("42");
    expect(model.requests[0]?.tools?.map((one) => one.function.name)).toEqual(["plant__read_stock"]);
    expect(
      upstream
        .calls()
        .slice(before)
        .map(({ name }) => name),
    ).toEqual(["read_stock"]);
    expect((await callsOf(world, runId)).map(({ op, state }) => `${op} ${state}`).sort()).toEqual([
      "agent.run done",
      "llm.complete done",
      "llm.complete done",
      "tool.call done",
    ]);
    expect(row.usage).toMatchObject({ modelCalls: 2, toolCalls: 1 });
  });
});
