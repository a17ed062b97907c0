import { describe, expect } from "vitest";
import type { FlowRunInput } from "./flow-input.ts";
import { engineStart } from "./flow-input.ts";
import { it, type World } from "#tests/support/world.ts";
import { removeFlow, updateFlow } from "./change-flow.ts";
import { startFlowRun } from "./start-flow-run.ts";
import { inject, makeFlow, node, SMALL, tab } from "./test-flows.ts";
import { reportModels } from "../models/index.ts";

const runOf = async ({ deps }: World, id: string) => deps.db.run.findUniqueOrThrow({ where: { id } });

describe("a start", () => {
  it("queues a run of the flow as it is now, at its first inject node", async ({ world }) => {
    const actor = await world.actor();
    const flow = await makeFlow(world, actor);
    const { runId, status, created } = await startFlowRun(world.deps, actor, { flowId: flow.id, trigger: "manual" });
    expect([status, created]).toEqual(["queued", true]);
    expect(await runOf(world, runId)).toMatchObject({
      kind: "flow",
      title: "Test",
      subjectId: flow.id,
      subjectVersion: flow.revision,
      trigger: "manual",
      input: { start: { node: "i", kind: "inject" } },
      workspaceId: actor.workspaceId,
    });
  });

  it("with an input begins with it at the node that is asked for", async ({ world }) => {
    const actor = await world.actor();
    const nodes = [...SMALL, node("h", "http in", { url: "/x", method: "post" }, ["d"])];
    const { id } = await makeFlow(world, actor, nodes);
    const begin = async (start?: string) => {
      const { runId } = await startFlowRun(world.deps, actor, { flowId: id, input: { a: 1 }, start, trigger: "api" });
      return engineStart((await runOf(world, runId)).input as unknown as FlowRunInput);
    };
    expect(await begin()).toEqual({ node: "i", set: { payload: { a: 1 } } });
    const { node: at, msg } = await begin("h");
    expect(at).toBe("h");
    expect(JSON.parse(msg ?? "")).toMatchObject({ payload: { a: 1 }, req: { method: "POST", body: { a: 1 } } });
    await expect(begin("d")).rejects.toMatchObject({ kind: "unprocessable", code: "flow.start" });
  });

  it("with a key that began a run already answers that run, whatever became of the flow since", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await makeFlow(world, actor);
    const begin = (input: unknown) =>
      startFlowRun(world.deps, actor, { flowId: id, input, trigger: "api", idempotencyKey: "order-7" });
    const first = await begin({ order: 7 });
    await updateFlow(world.deps, actor, { id, disabled: true });
    expect(await begin({ order: 7 })).toEqual({ ...first, created: false });
    await expect(begin({ order: 8 })).rejects.toMatchObject({ code: "flow.disabled" });
    await removeFlow(world.deps, actor, { id });
    expect(await begin({ order: 7 })).toEqual({ ...first, created: false });
    await expect(
      startFlowRun(world.deps, await world.actor(), { flowId: id, trigger: "api", idempotencyKey: "order-7" }),
    ).rejects.toMatchObject({ kind: "missing" });
  });

  it("begins a flow without inject node at what nothing leads to", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await makeFlow(world, actor, [tab(), node("c", "change", { rules: [] }, ["d"]), node("d", "debug")]);
    const { runId } = await startFlowRun(world.deps, actor, { flowId: id, input: 7, trigger: "api" });
    const start = engineStart((await runOf(world, runId)).input as unknown as FlowRunInput);
    expect(start).toEqual({ node: "c", msg: '{"payload":7}' });
  });

  it("is refused with the issues where the engine cannot run the flow", async ({ world }) => {
    const actor = await world.actor();
    const nodes = [tab(), inject("i", "x"), node("x", "exec", { name: "Shell" }), node("f", "function", { func: "}" })];
    const { id } = await makeFlow(world, actor, nodes);
    await expect(startFlowRun(world.deps, actor, { flowId: id, trigger: "api" })).rejects.toMatchObject({
      kind: "unprocessable",
      code: "flow.invalid",
      message: expect.stringMatching(/Shell.*pod/) as string,
      hints: { fields: [{ path: "x" }, { path: "f.func" }] },
    });
    expect(await world.deps.db.run.count({ where: { subjectId: id } })).toBe(0);
  });

  it("is refused for flows that are switched off or removed", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await makeFlow(world, actor);
    const start = () => startFlowRun(world.deps, actor, { flowId: id, trigger: "api" });
    await updateFlow(world.deps, actor, { id, disabled: true });
    await expect(start()).rejects.toMatchObject({ kind: "conflict", code: "flow.disabled" });
    await removeFlow(world.deps, actor, { id });
    await expect(start()).rejects.toMatchObject({ kind: "missing" });
  });

  it("of somebody else's flow needs run.control; a stranger finds no flow", async ({ world }) => {
    const owner = await world.actor({ role: "editor" });
    const { id } = await makeFlow(world, owner);
    const as = async (role: "viewer" | "editor" | "operator", scopes: string[] | null = null) => ({
      ...(await world.actor({ role, workspaceId: owner.workspaceId })),
      scopes,
    });
    const start = (actor: typeof owner) => startFlowRun(world.deps, actor, { flowId: id, trigger: "api" });
    await expect(start(owner)).resolves.toMatchObject({ created: true });
    await expect(start(await as("operator"))).resolves.toMatchObject({ created: true });
    await expect(start(await as("editor"))).rejects.toMatchObject({ kind: "forbidden", code: "auth.role" });
    await expect(start(await as("viewer"))).rejects.toMatchObject({ kind: "forbidden" });
    await expect(start(await as("operator", ["flow.run"]))).rejects.toMatchObject({ code: "auth.scope" });
    await expect(start({ ...owner, scopes: ["flow.read"] })).rejects.toMatchObject({ code: "auth.scope" });
    await expect(start(await world.actor())).rejects.toMatchObject({ kind: "missing" });
  });

  it("with a known key answers the first run; for another flow or input the key is refused", async ({ world }) => {
    const actor = await world.actor();
    const [one, two] = [await makeFlow(world, actor), await makeFlow(world, actor)];
    const start = (flowId: string, input?: unknown, start?: string) =>
      startFlowRun(world.deps, actor, { flowId, input, start, trigger: "api", idempotencyKey: "k" });
    const first = await start(one.id, 1);
    const again = await Promise.all([start(one.id, 1), start(one.id, 1)]);
    expect(again).toEqual([first, first].map((run) => ({ ...run, created: false })));
    await expect(start(one.id, 2)).rejects.toMatchObject({ code: "idempotency.mismatch" });
    await expect(start(two.id, 1)).rejects.toMatchObject({ code: "idempotency.mismatch" });
    expect(await world.deps.db.run.count({ where: { workspaceId: actor.workspaceId } })).toBe(1);
  });

  it("is refused while the queue of the model that the flow needs is full, and only then", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const [plain, asks] = [
      await makeFlow(world, actor),
      await makeFlow(world, actor, [tab(), inject("i", "m"), node("m", "osf-llm")]),
    ];
    const report = (state: "saturated" | "idle") =>
      reportModels(
        deps,
        "test",
        {
          status: () => [
            { tier: "free", model: "m", demo: true, state, running: 2, waiting: 10, concurrency: 2, depth: 10 },
          ],
          stream: () => {
            throw new Error("not asked");
          },
          check: async () => undefined,
        },
        { changed: false },
      );
    const start = (flowId: string) => startFlowRun(deps, actor, { flowId, trigger: "api" });
    await report("saturated");
    await expect(start(asks.id)).rejects.toMatchObject({ kind: "unavailable", code: "model.saturated" });
    await expect(start(plain.id)).resolves.toMatchObject({ created: true });
    await report("idle");
    await expect(start(asks.id)).resolves.toMatchObject({ created: true });
  });
});
