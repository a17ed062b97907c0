import { afterEach, describe, expect } from "vitest";
import { startFactory } from "#server/factory/start-factory.ts";
import { MODEL_ID } from "#server/llm/demo-model/protocol/model-list.ts";
import { startDemoModel } from "#server/llm/demo-model/server.ts";
import { debug, inject, node } from "#tests/support/flow-nodes.ts";
import { startManyTools } from "#tests/support/many-tools.ts";
import type { ModelRequest } from "#tests/support/scripted-model.ts";
import { answerOf, ended, ends, model, send, worker } from "#tests/support/turns.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { respond } from "../approvals/index.ts";
import { setFlowTool } from "../flows/flow-tool.ts";
import { createFlow } from "../flows/index.ts";
import { cancelRun } from "../runs/index.ts";
import { keepResuming } from "./keep-resuming.ts";
import { chatSettler } from "./settle-turn.ts";
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
  const anybody = { workspaceId: "any", userId: "any", role: "viewer" as const };
  await until("200 tools", async () => (await world.deps.tools.list(anybody)).length === 200);
  return { north, south };
}
afterEach<{ world: World }>(({ world }) => world.setUpstreams([]));

const OPTIONS = [
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];
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

  it("lets a model look for tools beside its steps, but not for ever", async ({ world }) => {
    await manyTools(world);
    const server = await model((request) =>
      request.tools ? { calls: [{ name: "mcp-find", args: { query: "order" } }] } : { text: ["Enough."] },
    );
    await worker(world, server.url);
    const { runId } = await send(world, await world.actor(), "x");
    await ended(world, runId, 20_000);
    expect(server.requests).toHaveLength(8 + 6);
  }, 30_000);

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

describe("the demo model", () => {
  it("answers from the right tool among 246, in either language", async ({ world }) => {
    const factory = await startFactory({ seed: "a", ports: { erp: 0, wms: 0, qms: 0, fertigung: 0, tms: 0 } });
    const demo = await startDemoModel({ host: "127.0.0.1", port: 0, tokenDelayMs: 0 });
    const more = [await startManyTools(100), await startManyTools(100, 100)];
    for (const { stop } of [factory, demo, ...more]) ends.push(stop);
    world.setUpstreams([...factory.servers, ...more.map(({ url }, i) => ({ name: `more${i}`, url }))]);
    const actor = await world.actor({ role: "operator" });
    await until("246 tools", async () => (await world.deps.tools.list(actor)).length === 246);
    await worker(world, `${demo.url}/v1`, { name: MODEL_ID });
    for (const [question, tool] of [
      ["Which machines are below 85 % OEE today?", "fertigung.list_oee"],
      ["Welche Maschinen liegen heute unter 85 % OEE?", "fertigung.list_oee"],
      ["Which materials are below their minimum stock?", "wms.list_stock_below_minimum"],
      ["Welche Lieferungen sind verspätet?", "tms.list_delayed_shipments"],
    ] as const) {
      const { sessionId, runId } = await send(world, actor, question);
      await ended(world, runId);
      const answer = await answerOf(world, actor, sessionId);
      const used = toolParts(answer).map(({ name, called }) => called?.name ?? name);
      expect(used, `${question} ${JSON.stringify(answer)}`).toContain(tool);
      expect(toolParts(answer).map(({ state }) => state)).not.toContain("failed");
      expect(answer?.status).toBe("complete");
    }
  }, 60_000);
});

describe("a flow that is a tool", () => {
  it("is called in chat as a run of its own; while it waits for people the turn waits too, over restarts", async ({
    world,
  }) => {
    const { deps } = world;
    const actor = await world.actor({ role: "operator" });
    const { id } = await createFlow(deps, actor, {
      name: "Release",
      nodes: [
        { id: "t", type: "tab", label: "Release" },
        inject("i", ["q"]),
        node("q", "osf-human-input", { title: "Release?", question: "Release {{payload.batch}}?", options: OPTIONS }, [
          "o",
        ]),
        debug("o"),
      ],
    });
    await setFlowTool(deps, actor, {
      id,
      tool: {
        name: "release_batch",
        description: "Releases a batch after somebody agreed",
        inputSchema: { type: "object", properties: { batch: { type: "string" } }, required: ["batch"] },
        class: "write",
      },
    });
    const server = await model((request) =>
      results(request) > 0 ? { text: ["Released."] } : { calls: [{ name: "release_batch", args: { batch: "B-7" } }] },
    );
    const first = await worker(world, server.url, { flows: true });
    const { sessionId, runId } = await send(world, actor, "Release B-7");
    const statusOf = async (where: object) => (await deps.db.run.findFirst({ where }))?.status;
    await until("both wait", async () => (await statusOf({ id: runId })) === "waiting", 20_000);
    expect(await statusOf({ parentRunId: runId })).toBe("waiting");
    await first.stop(0);
    await worker(world, server.url, { flows: true });
    ends.push(keepResuming(deps, 50));
    const asked = await deps.db.approval.findFirstOrThrow({ where: { workspaceId: actor.workspaceId } });
    await respond(deps, actor, { id: asked.id, decision: "yes" });
    await ended(world, runId, 20_000);
    const [part] = toolParts(await answerOf(world, actor, sessionId));
    expect(part).toMatchObject({ name: "release_batch", state: "ok", title: "Release", result: { batch: "B-7" } });
    expect(await deps.db.run.count({ where: { parentRunId: runId } })).toBe(1);
  }, 60_000);

  it("ends with the turn that began it", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor({ role: "operator" });
    const server = await model(() => ({
      calls: [{ name: "run_code", args: { code: "await new Promise(() => {})" } }],
    }));
    await manyTools(world);
    await worker(world, server.url, { flows: true });
    const { runId } = await send(world, actor, "x");
    await until(
      "the code runs",
      async () => (await deps.db.run.findFirst({ where: { parentRunId: runId } }))?.status === "running",
      20_000,
    );
    await cancelRun(deps, [chatSettler], actor, { id: runId });
    expect(await deps.db.run.findFirst({ where: { parentRunId: runId } })).toMatchObject({ status: "cancelled" });
  }, 30_000);
});
