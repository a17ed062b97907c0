import { describe, expect } from "vitest";
import { recordOf, type Actor } from "#server/kernel/actor.ts";
import { newId } from "#server/kernel/ids.ts";
import { model, upstream, worker } from "#tests/support/turns.ts";
import { it, type World } from "#tests/support/world.ts";
import { respond } from "../../approvals/index.ts";
import { deployDocument } from "../../flows/index.ts";
import { askApproval, awaitApproval } from "./ask-approval.ts";
import { complete } from "./ask-model.ts";
import { exchangeSecret } from "./exchange.ts";
import { AgentAsk, LlmAsk } from "./internal.schema.ts";
import { reportActivity } from "./report-activity.ts";
import { callTool, podTools, runAgent } from "./run-agent.ts";
import { readFlows, readLibrary, readSettings, writeFlows, writeLibrary, writeSettings } from "./seat-storage.ts";
import { podSecretOf } from "#server/pods/tokens.ts";

const podOf = (actor: Actor): Actor => ({ ...actor, owner: false, via: "pod", credentialId: newId("pod") });
const seat = async (world: World, role: Actor["role"] = "editor") => podOf(await world.actor({ role }));
const signal = () => new AbortController().signal;
const from = () => ({ requestId: "test-request", signal: signal() });

describe("the flows of a seat", () => {
  it("are refused when they were changed elsewhere meanwhile, and stored otherwise", async ({ world }) => {
    const actor = await seat(world);
    const { nodes, revision } = await readFlows(world.deps, actor);
    const changed = [...nodes, { id: "new", type: "tab", label: "New" }];
    await expect(writeFlows(world.deps, actor, { nodes: changed, revision })).resolves.toEqual({
      revision: revision + 1,
    });
    await deployDocument(world.deps, actor, { nodes: [...changed, { id: "x", type: "tab" }], source: "api" });
    await expect(writeFlows(world.deps, actor, { nodes, revision: revision + 1 })).rejects.toMatchObject({
      kind: "conflict",
      code: "flow.conflict",
    });
    expect((await readFlows(world.deps, actor)).nodes).toHaveLength(changed.length + 1);
  });

  it("come with settings and a library that do not get into each other's way", async ({ world }) => {
    const [actor, stranger] = [await seat(world), await seat(world)];
    await readFlows(world.deps, actor);
    await readFlows(world.deps, stranger);
    await writeLibrary(world.deps, actor, {
      type: "functions",
      path: "plant/oee.js",
      meta: { outputs: 1 },
      body: "return 1",
    });
    await writeSettings(world.deps, actor, { users: { Ana: { view: 1 } } });
    expect(await readSettings(world.deps, actor)).toEqual({ users: { Ana: { view: 1 } } });
    expect(await readLibrary(world.deps, actor, { type: "functions", path: "/" })).toEqual(["plant"]);
    expect(await readLibrary(world.deps, actor, { type: "functions", path: "plant" })).toEqual([
      { outputs: 1, fn: "oee.js" },
    ]);
    expect(await readLibrary(world.deps, actor, { type: "functions", path: "plant/oee.js" })).toBe("return 1");
    expect(await readLibrary(world.deps, stranger, { type: "functions", path: "" })).toEqual([]);
    await expect(readLibrary(world.deps, stranger, { type: "functions", path: "plant/oee.js" })).rejects.toMatchObject({
      kind: "missing",
    });
    await expect(
      writeLibrary(world.deps, actor, { type: "functions", path: "../x", meta: {}, body: "" }),
    ).rejects.toMatchObject({ code: "library.path" });
  });
});

describe("a model", () => {
  it("answers as a run that is seen and counted", async ({ world }) => {
    const actor = await seat(world);
    const server = await model(() => ({ text: ["It is ", "fine."] }));
    await worker(world, server.url);
    const answer = await complete(world.deps, actor, LlmAsk.parse({ prompt: "How is it?" }), signal());
    expect(answer).toMatchObject({ text: "It is fine." });
    expect(await world.deps.db.run.findFirst({ where: { workspaceId: actor.workspaceId } })).toMatchObject({
      kind: "chat",
      trigger: "pod",
      status: "completed",
      actor: recordOf(actor),
    });
  });

  it("is asked once more when it was to answer with JSON and did not", async ({ world }) => {
    const actor = await seat(world);
    let asked = 0;
    const server = await model(() => ({ text: [asked++ === 0 ? "sure: {oops" : '```json\n{"a": 1}\n```'] }));
    await worker(world, server.url);
    const answer = await complete(world.deps, actor, LlmAsk.parse({ prompt: "x", json: true }), signal());
    expect(answer.value).toEqual({ a: 1 });
    expect(asked).toBe(2);
  });

  it("is not waited for by a flow that is gone, and its run ends", async ({ world }) => {
    const actor = await seat(world);
    const server = await model(() => ({ text: ["a", 60_000, "b"] }));
    await worker(world, server.url);
    const gone = new AbortController();
    const answer = complete(world.deps, actor, LlmAsk.parse({ prompt: "x" }), gone.signal);
    setTimeout(() => gone.abort(), 300);
    await expect(answer).rejects.toMatchObject({ code: "pod.gone" });
    expect(await world.deps.db.run.findFirst({ where: { workspaceId: actor.workspaceId } })).toMatchObject({
      status: "cancelled",
    });
  });
});

describe("tools", () => {
  it("that change something need the role, also when they are called by name", async ({ world }) => {
    const [editor, operator] = [await seat(world, "editor"), await seat(world, "operator")];
    const write = (await world.deps.tools.list(operator)).find((tool) => tool.class !== "read");
    expect(write).toBeDefined();
    const name = write?.name ?? "";
    expect((await podTools(world.deps, editor)).map((tool) => tool.name)).not.toContain(name);
    expect((await podTools(world.deps, operator)).map((tool) => tool.name)).toContain(name);
    await expect(callTool(world.deps, editor, { name, args: {} }, from())).rejects.toMatchObject({
      code: "tool.write",
    });
    expect(upstream.calls()).toEqual([]);
  });

  it("answer flows, with the flow's own key for repetitions", async ({ world }) => {
    const actor = await seat(world);
    const call = { name: "plant.read_stock", args: { material: "M-1" } };
    expect(await callTool(world.deps, actor, call, { ...from(), idempotencyKey: "k" })).toMatchObject({
      failed: false,
      value: { material: "M-1", stock: 42 },
    });
    expect(upstream.calls()[0]).toMatchObject({ idempotencyKey: `pod:${actor.userId}:k` });
  });
});

describe("an agent", () => {
  it("uses the tools that the node names, and no others", async ({ world }) => {
    const actor = await seat(world);
    const offered: string[][] = [];
    const server = await model((request, call) => {
      offered.push((request.tools ?? []).map((tool) => tool.function.name));
      if (call === 1) return { calls: [{ name: "plant__read_stock", args: { material: "M-1" } }] };
      if (call === 2) return { calls: [{ name: "plant__slow", args: {} }] }; // was not offered
      return { text: ["There are 42."] };
    });
    await worker(world, server.url);
    const ask = AgentAsk.parse({ input: "How much?", tools: ["plant.read_*"] });
    const answer = await runAgent(world.deps, actor, ask, from());
    expect(answer).toMatchObject({
      text: "There are 42.",
      calls: [{ tool: "plant.read_stock", failed: false }, { failed: true }],
    });
    expect(offered[0]).toEqual(["plant__read_stock"]);
    expect(upstream.calls().map(({ name }) => name)).toEqual(["read_stock"]);
  });

  it("answers without tools in the last round", async ({ world }) => {
    const actor = await seat(world);
    const server = await model((request) =>
      request.tools?.length
        ? { calls: [{ name: "plant__read_stock", args: { material: "M-1" } }] }
        : { text: ["Enough."] },
    );
    await worker(world, server.url);
    const ask = AgentAsk.parse({ input: "x", tools: ["plant.*"], iterations: 2 });
    expect(await runAgent(world.deps, actor, ask, from())).toMatchObject({
      text: "Enough.",
      calls: [{ failed: false }],
    });
  });
});

describe("a question to people", () => {
  it("is waited for until somebody answers, by the seat that asked and nobody else", async ({ world }) => {
    const actor = await seat(world);
    const boss = await world.actor({ role: "operator", workspaceId: actor.workspaceId });
    const { id } = await askApproval(world.deps, actor, { title: "Release?", question: "Release order 7?" });
    expect(await awaitApproval(world.deps, actor, id, 0, signal())).toEqual({ answer: null });
    const waiting = awaitApproval(world.deps, actor, id, 20, signal());
    await respond(world.deps, boss, { id, decision: "approve", comment: "go" });
    expect((await waiting).answer).toMatchObject({ decision: "approve", comment: "go", by: { id: boss.userId } });
    for (const other of [await seat(world), podOf(boss)])
      await expect(awaitApproval(world.deps, other, id, 0, signal())).rejects.toMatchObject({ kind: "missing" });
  });
});

describe("a pod", () => {
  const podRow = ({ deps }: World, data: object = {}) =>
    deps.db.pod.create({ data: { id: newId("pod"), driver: "memory", version: "1", ...data } });

  it("trades its secret once, while it starts", async ({ world }) => {
    const { id } = await podRow(world);
    const secret = podSecretOf(world.deps.settings.jwtSecret, id);
    const first = await exchangeSecret(world.deps, { id, secret });
    expect(first.token).toMatch(/^osfp_[0-9a-f]{64}$/);
    await expect(exchangeSecret(world.deps, { id, secret })).rejects.toMatchObject({ code: "pod.exchange" });
    const { id: other } = await podRow(world, { state: "warm" });
    const late = podSecretOf(world.deps.settings.jwtSecret, other);
    await expect(exchangeSecret(world.deps, { id: other, secret: late })).rejects.toMatchObject({
      code: "pod.exchange",
    });
    await expect(exchangeSecret(world.deps, { id: other, secret })).rejects.toMatchObject({ code: "pod.exchange" });
  });

  it("cannot report activity of the future, nor that of another", async ({ world }) => {
    const [own, other] = [await podRow(world), await podRow(world)];
    const actor = { ...(await seat(world)), credentialId: own.id };
    const busy = { runs: 1, http: 0, timers: 0 };
    await reportActivity(world.deps, actor, { busy, activityAt: Date.now() + 1e9, memoryMb: 120 });
    const row = await world.deps.db.pod.findUniqueOrThrow({ where: { id: own.id } });
    expect(row.lastActivityAt?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(row).toMatchObject({ busy, memoryMb: 120 });
    expect(await world.deps.db.pod.findUniqueOrThrow({ where: { id: other.id } })).toMatchObject({ busy: null });
  });
});
