import { expect, vi } from "vitest";
import { inject as injectNode, node } from "#tests/support/flow-nodes.ts";
import type { World } from "#tests/support/world.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { createModels } from "#server/llm/models.ts";
import type { PoolOptions } from "#server/runner/pool.ts";
import { RunWorker } from "../../runs/index.ts";
import { createFlow } from "../change-flow.ts";
import type { FlowNode } from "../schema.ts";
import { startFlowRun, type StartFlow } from "../start-flow-run.ts";
import { flowExecution } from "./index.ts";

/** A worker for flows with real runners. `crash`: it is gone without a word, as after `kill -9`. */
export async function flowWorker(
  world: World,
  { pool = {}, model }: { pool?: Partial<PoolOptions>; model?: string } = {},
) {
  const none = { model: "none", demo: false };
  const settings = {
    ...world.deps.settings,
    models: model
      ? { free: { url: model, model: "scripted", demo: false }, premium: none }
      : world.deps.settings.models,
  };
  const deps = { ...world.deps, settings };
  const models = createModels({ settings, log: deps.log, onChange: () => undefined });
  const flows = flowExecution({ ...deps, models }, pool);
  const worker = new RunWorker(deps, { executors: [flows.executor], settlers: [] }, { tendMs: 50 });
  await worker.start();
  return {
    pool: flows.pool,
    async stop() {
      await worker.stop(0);
      await flows.close();
    },
  };
}

/** What other workers see of a worker that died: leases that are over. */
export const expireLeases = ({ deps }: World) =>
  deps.sql.query(
    `UPDATE "Run" SET "leaseToken" = 'gone', "leaseUntil" = now() - interval '1 second' WHERE status = 'running'`,
  );

export { debug, delay, fn, node } from "#tests/support/flow-nodes.ts";
/** Begins at the node `in`. */
export const inject = (wires: string[], value: unknown = 1): FlowNode => injectNode("in", wires, value);
/** Calls a tool with the payload as its arguments. */
export const tool = (id: string, name: string, ...wires: string[][]): FlowNode =>
  node(id, "mcp-tool", { tool: name, argsFrom: "value", argsValue: "payload", argsValueType: "msg" }, ...wires);

export async function flow({ deps }: World, actor: Actor, nodes: FlowNode[], name = "Test"): Promise<string> {
  return (await createFlow(deps, actor, { name, nodes: [{ id: "t", type: "tab", label: name }, ...nodes] })).id;
}
export async function start(
  { deps }: World,
  actor: Actor,
  flowId: string,
  more: Partial<StartFlow> = {},
): Promise<string> {
  return (await startFlowRun(deps, actor, { flowId, trigger: "test", ...more })).runId;
}
export async function run(
  world: World,
  actor: Actor,
  nodes: FlowNode[],
  more: Partial<StartFlow> = {},
): Promise<string> {
  return start(world, actor, await flow(world, actor, nodes), more);
}

/** Waits until the run has this status; a run that ended otherwise shows why. */
export async function becomes({ deps }: World, runId: string, status: string, timeout = 20_000) {
  await vi.waitFor(
    async () => {
      const row = await deps.db.run.findUniqueOrThrow({ where: { id: runId } });
      expect({ status: row.status, error: row.error }).toMatchObject({ status });
    },
    { timeout, interval: 20 },
  );
  return deps.db.run.findUniqueOrThrow({ where: { id: runId } });
}
export const stepsOf = ({ deps }: World, runId: string) =>
  deps.db.runStep.findMany({ where: { runId }, orderBy: { seq: "asc" } });
export const callsOf = ({ deps }: World, runId: string) =>
  deps.db.runCall.findMany({ where: { runId }, orderBy: [{ stepSeq: "asc" }, { n: "asc" }] });
/** Waits until a step of the node has this status. */
export const reaches = (world: World, runId: string, id: string, status = "running") =>
  vi.waitFor(
    async () =>
      expect((await stepsOf(world, runId)).map((step) => `${step.nodeName} ${step.status}`)).toContain(
        `${id} ${status}`,
      ),
    { timeout: 15_000, interval: 20 },
  );
export const eventsOf = async ({ deps }: World, runId: string, type: string) =>
  (await deps.db.runEvent.findMany({ where: { runId, type }, orderBy: { seq: "asc" } })).map(
    ({ data }) => data as Record<string, unknown>, // every event is written as an object
  );
export const payloadOf = (row: { output: unknown }): unknown => (row.output as { payload?: unknown } | null)?.payload;
