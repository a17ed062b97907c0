import { afterAll, beforeAll, describe, expect } from "vitest";
import { MODEL_ID } from "#server/llm/demo-model/protocol/model-list.ts";
import { startDemoModel, type DemoModel } from "#server/llm/demo-model/server.ts";
import { createModels } from "#server/llm/models.ts";
import { startFactory, type Factory } from "#server/factory/start-factory.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { DEMO_FLOWS } from "../../../prisma/seed/demo-flows.ts";
import { respond } from "../approvals/index.ts";
import { RunWorker } from "../runs/index.ts";
import { createFlow } from "./change-flow.ts";
import { flowExecution } from "./execute/index.ts";
import { payloadOf } from "./execute/test-execution.ts";
import { matchEndpoint } from "./http/match-endpoint.ts";
import { runEndpoint } from "./http/run-endpoint.ts";
import { startFlowRun } from "./start-flow-run.ts";

const SLOW_MS = 60_000; // runners begin new for each workspace

let factory: Factory;
let model: DemoModel;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  const ports = { erp: 0, wms: 0, qms: 0, fertigung: 0, tms: 0 };
  // A plant and an hour at which there is something for each of the flows.
  const hour = new Date("2026-11-21T12:00:00Z");
  factory = await startFactory({ seed: "a", ports, now: () => hour, timeZone: "Europe/Berlin" });
  model = await startDemoModel({ host: "127.0.0.1", port: 0, tokenDelayMs: 0 });
});
it.beforeAll(async ({ world }) => {
  world.setUpstreams(factory.servers);
  const free = { url: `${model.url}/v1`, model: MODEL_ID, demo: true };
  const settings = { ...world.deps.settings, models: { ...world.deps.settings.models, free } };
  const deps = { ...world.deps, settings };
  const models = createModels({ settings, log: deps.log, onChange: () => undefined });
  const flows = flowExecution({ ...deps, models });
  const worker = new RunWorker(deps, { executors: [flows.executor], settlers: [] });
  await worker.start();
  stop = async () => {
    await worker.stop(0);
    await flows.close();
  };
  await until(
    "the tools of the factory",
    async () =>
      new Set(
        (await world.deps.tools.list({ workspaceId: "any", userId: "any", role: "viewer" })).map(
          ({ server }) => server,
        ),
      ).size === 5,
    SLOW_MS,
  );
}, SLOW_MS);
afterAll(async () => {
  await stop?.();
  await model?.stop();
  await factory?.stop();
});

/** Adds a demo flow by its tab's id to a new editor, and who may run it. */
async function demoFlow({ deps }: World, tabId: string, actor: Actor): Promise<string> {
  const nodes = DEMO_FLOWS.map((build) => build()).find(([tab]) => tab?.id === tabId) ?? [];
  return (await createFlow(deps, actor, { name: tabId, nodes })).id;
}
const begin = async ({ deps }: World, actor: Actor, flowId: string) =>
  (await startFlowRun(deps, actor, { flowId, trigger: "manual" })).runId;
/** Waits for the end, and tells why it is another than hoped for. */
async function done({ deps }: World, runId: string) {
  const run = await until(
    "the end",
    () => deps.db.run.findFirst({ where: { id: runId, endedAt: { not: null } } }),
    SLOW_MS,
  );
  expect([run.status, run.error]).toEqual(["completed", null]);
  return run;
}
const openApproval = ({ deps }: World, runId: string) =>
  until("the approval", () => deps.db.approval.findFirst({ where: { runId, status: "open" } }), SLOW_MS);

describe("the demo's flows on the engine and the demo factory", { timeout: 2 * SLOW_MS }, () => {
  it("OEE alarm tells the worst machine, and answers over HTTP", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const run = await done(world, await begin(world, actor, await demoFlow(world, "demo-oee", actor)));
    expect(payloadOf(run)).toMatch(/^.+: OEE [\d.]+ %, \d+ machine\(s\) below target\. (Stops|No stops) today/);
    const match = await matchEndpoint(world.deps, actor.workspaceId, "GET", "/oee");
    if (!match) throw new Error("no endpoint");
    const asked = new Request("http://gateway.example/flows/http/oee?below=100");
    const response = await runEndpoint(world.deps, actor, match, asked, { url: "/oee?below=100" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      rows: expect.arrayContaining([]) as unknown,
      summary: expect.any(String) as unknown,
    });
  });

  it("Late order explanation names the order, its customer and the cause", async ({ world }) => {
    const actor = await world.actor({ role: "editor" });
    const run = await done(world, await begin(world, actor, await demoFlow(world, "demo-late", actor)));
    expect(payloadOf(run)).toMatch(/due \d{4}-\d\d-\d\d[\s\S]+SO-\d+/);
  });

  it("Quality hold asks, holds the batch, and says so", async ({ world }) => {
    const actor = await world.actor({ role: "operator" });
    const editor = { ...actor, role: "editor" as const };
    const runId = await begin(world, actor, await demoFlow(world, "demo-hold", editor));
    const asked = await openApproval(world, runId);
    expect(asked.title).toMatch(/^Hold batch B-\d+\?$/);
    await respond(world.deps, actor, { id: asked.id, decision: "hold", values: { reason: "Burr too high" } });
    const run = await done(world, runId);
    expect(payloadOf(run)).toMatch(/^Batch B-\d+ of SO-\d+ is on hold: Burr too high/);
  });

  it("Maintenance ticket asks, and orders the change with the chosen priority", async ({ world }) => {
    const actor = await world.actor({ role: "operator" });
    const runId = await begin(world, actor, await demoFlow(world, "demo-ticket", { ...actor, role: "editor" }));
    const asked = await openApproval(world, runId);
    await respond(world.deps, actor, { id: asked.id, decision: "order", values: { priority: "high" } });
    expect(payloadOf(await done(world, runId))).toMatch(/^Ticket .+ is created: Change .+, worn [\d.]+ %/);
  });
});
