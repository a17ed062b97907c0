import { afterEach, describe, expect } from "vitest";
import { startManyTools } from "#tests/support/many-tools.ts";
import type { ModelRequest } from "#tests/support/scripted-model.ts";
import { answerOf, ended, ends, model, send, worker } from "#tests/support/turns.ts";
import { it, type World } from "#tests/support/world.ts";
import { tokensOf } from "../own-tools/index.ts";
import type { ToolPart } from "./turn.schema.ts";

/** Two upstreams with a hundred tools each. */
async function manyTools(world: World) {
  const [north, south] = [await startManyTools(100), await startManyTools(100, 100)];
  ends.push(north.stop, south.stop);
  world.setUpstreams([
    { name: "north", url: north.url },
    { name: "south", url: south.url },
  ]);
  return { north, south };
}
afterEach<{ world: World }>(({ world }) => world.setUpstreams([]));

const results = (request: ModelRequest) => request.messages.filter(({ role }) => role === "tool").length;
const namesIn = ({ tools = [] }: ModelRequest) => tools.map((tool) => tool.function.name);
const toolParts = (answer: Awaited<ReturnType<typeof answerOf>>) =>
  (answer?.parts ?? []).filter((part): part is ToolPart => part.type === "tool");

describe("with 200 tools", () => {
  it("a model starts with at most 1,500 tokens of tool text, discovery and what fits the question among it", async ({
    world,
  }) => {
    await manyTools(world);
    const actor = await world.actor({ role: "operator" });
    expect(await world.deps.tools.list(actor)).toHaveLength(200);
    const server = await model(() => ({ text: ["ok"] }));
    await worker(world, server.url);
    await ended(world, (await send(world, actor, "Which furnaces are blocked?")).runId);
    const [request] = server.requests;
    const tokens = tokensOf(JSON.stringify(request?.tools));
    const whole = tokensOf(JSON.stringify((await world.deps.tools.list(actor)).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })))); // prettier-ignore
    console.info(
      `initial tool text with 200 tools: ${tokens} tokens in ${namesIn(request!).length} tools; all of them: ${whole}`,
    );
    expect(tokens).toBeLessThanOrEqual(1_500);
    expect(namesIn(request!)).toEqual(
      expect.arrayContaining(["mcp-find", "mcp-exec", "mcp-add", "mcp-remove", "mcp-config-set", "run_code"]),
    );
    expect(namesIn(request!)).toContain("north__list_furnaces");
  });

  it("finds a tool, calls it through discovery, and shows people which one it was", async ({ world }) => {
    const { north } = await manyTools(world);
    const actor = await world.actor({ role: "operator" });
    const server = await model((request) => {
      if (results(request) === 0)
        return { calls: [{ name: "mcp-find", args: { query: "report on paint lines", limit: 3 } }] };
      if (results(request) > 1) return { text: ["One paint line."] };
      const { tools } = JSON.parse(String(request.messages.at(-1)?.content)) as { tools: { name: string }[] };
      return { calls: [{ name: "mcp-exec", args: { name: tools[0]?.name, arguments: { state: "open", limit: 5 } } }] };
    });
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "Hello");
    await ended(world, runId);
    const [found, called] = toolParts(await answerOf(world, actor, sessionId));
    expect(found).toMatchObject({ name: "mcp-find", state: "ok" });
    expect(JSON.stringify(found?.result).length).toBeLessThan(4_000);
    expect(called).toMatchObject({
      name: "mcp-exec",
      title: "Figures over a period for each paint line",
      state: "ok",
      called: { name: "south.report_paint_lines", arguments: { state: "open", limit: 5 } },
      result: { tool: "report_paint_lines" },
    });
    expect(north.calls).toEqual([]);
    const audited = await world.deps.db.auditEntry.findMany({ where: { runId, action: "tool.call" } });
    expect(audited.map(({ subject }) => subject)).toEqual(["south.report_paint_lines"]);
  });

  it("shows the tools that the conversation used again", async ({ world }) => {
    await manyTools(world);
    const actor = await world.actor({ role: "operator" });
    const server = await model((request, call) =>
      call === 1
        ? { calls: [{ name: "mcp-exec", args: { name: "south.list_compressors_of_hall_2", arguments: { limit: 1 } } }] }
        : { text: [`answer ${results(request)}`] },
    );
    await worker(world, server.url);
    const first = await send(world, actor, "Hello");
    await ended(world, first.runId);
    const second = await send(world, actor, "And again?", first.sessionId);
    await ended(world, second.runId);
    expect(namesIn(server.requests[0]!)).not.toContain("south__list_compressors_of_hall_2");
    expect(namesIn(server.requests.at(-1)!)).toContain("south__list_compressors_of_hall_2");
    expect(tokensOf(JSON.stringify(server.requests.at(-1)?.tools))).toBeLessThanOrEqual(1_500);
  });

  it("lets nobody call through discovery what their role may not", async ({ world }) => {
    const { north } = await manyTools(world);
    const viewer = await world.actor({ role: "viewer" });
    const server = await model((request) =>
      results(request) > 0
        ? { text: ["No."] }
        : { calls: [{ name: "mcp-exec", args: { name: "north.update_orders", arguments: { limit: 1 } } }] },
    );
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, viewer, "Change it");
    await ended(world, runId);
    expect(toolParts(await answerOf(world, viewer, sessionId))[0]).toMatchObject({
      state: "failed",
      result: expect.stringContaining("no tool north.update_orders that you may use") as string,
    });
    expect(north.calls).toEqual([]);
    expect(namesIn(server.requests[0]!)).not.toContain("mcp-add");
  });
});
