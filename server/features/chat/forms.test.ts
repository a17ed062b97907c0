import { afterAll, afterEach, beforeAll, describe, expect, vi } from "vitest";
import { startManyTools } from "#tests/support/many-tools.ts";
import type { ModelRequest } from "#tests/support/scripted-model.ts";
import { answerOf, ended, eventTypes, model, send, worker } from "#tests/support/turns.ts";
import { it as base, type World } from "#tests/support/world.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { CATALOGUE } from "#server/mcp/catalogue/catalogue.ts";
import type { CatalogueEntry } from "#server/mcp/catalogue/entry.ts";
import { createToolGateway } from "#server/mcp/create-gateway.ts";
import { cancelRun } from "../runs/index.ts";
import { auditWriter, upstreamSource } from "../upstreams/index.ts";
import { provideConfig, provideSecrets } from "./answer-form.ts";
import { chatSettler } from "./settle-turn.ts";
import type { ToolPart } from "./turn.schema.ts";

const TOKEN = "sk-very-secret-0123456789";
const ENTRY: CatalogueEntry = {
  id: "bench",
  title: "Test bench",
  description: "Furnaces of the test bench",
  publisher: "Test",
  tags: ["test"],
  homepage: "https://example.org",
  url: "{address}",
  transport: { kind: "http" },
  auth: { kind: "bearer", token: "${BENCH_TOKEN}" },
  config: {
    properties: { address: { type: "string", title: "Address", format: "uri", pattern: "^http" } },
    required: ["address"],
  },
  secrets: [{ name: "BENCH_TOKEN", title: "Token", description: "From the bench's settings" }],
  activate: "editor",
};
const built = CATALOGUE as CatalogueEntry[]; // what is built in; these tests add one
beforeAll(() => void built.push(ENTRY));
afterAll(() => void built.pop());

/** An installation whose gateway knows the registered upstreams, as the product's does. */
const it = base.extend<{ $file: { plant: World } }>({
  plant: [
    async ({ world }, use) => {
      const { deps } = world;
      const tools = createToolGateway({
        upstreams: upstreamSource(deps),
        audit: auditWriter(deps),
        live: deps.live,
        log: deps.log,
        clock: deps.clock,
        defaultTimeoutMs: 5_000,
        version: "test",
        stages: [deps.credentials.stage],
        credentials: deps.credentials,
        vault: deps.vault,
        dial: { allow: deps.settings.allowPrivateHosts },
      });
      await use({ ...world, deps: { ...deps, tools } });
      await tools.close();
    },
    { scope: "file" },
  ],
});

let address: string;
beforeAll(async () => {
  const bench = await startManyTools(3, 0, TOKEN);
  address = bench.url;
  return () => bench.stop();
});
afterEach<{ plant: World }>(async ({ plant: { deps } }) => {
  await deps.db.upstream.deleteMany();
  await deps.db.secret.deleteMany();
  await deps.db.upstreamActivation.deleteMany();
});

const results = ({ messages }: ModelRequest) => messages.filter(({ role }) => role === "tool").length;
/** Adds the bench, then asks one of its tools, then answers. */
const adding = () =>
  model((request) => {
    if (results(request) === 0) return { calls: [{ name: "mcp-add", args: { name: "bench" } }] };
    if (results(request) === 1 && request.tools?.some(({ function: { name } }) => name === "bench__list_machines"))
      return { calls: [{ name: "bench__list_machines", args: { limit: 1 } }] };
    return { text: ["That is it."] };
  });
const waits = ({ deps }: World, runId: string) =>
  vi.waitFor(
    async () => expect((await deps.db.run.findUniqueOrThrow({ where: { id: runId } })).status).toBe("waiting"),
    { timeout: 10_000, interval: 20 },
  );
const dataOf = async ({ deps }: World, runId: string, type: string) =>
  (await deps.db.runEvent.findMany({ where: { runId, type }, orderBy: { seq: "asc" } })).map(({ data }) => data);
const toolParts = async (world: World, actor: Actor, sessionId: string) =>
  ((await answerOf(world, actor, sessionId))?.parts ?? []).filter((part): part is ToolPart => part.type === "tool");

describe("a server that needs configuration and secrets", () => {
  it("is asked for in forms, over restarts, and the turn goes on where it was; no secret is anywhere", async ({
    plant: world,
  }) => {
    const { deps } = world;
    const actor = await world.actor({ role: "admin" });
    const server = await adding();
    const first = await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "Which machines has the bench?");
    await waits(world, runId);
    expect(await dataOf(world, runId, "config_required")).toMatchObject([
      { callId: "call_0", server: "bench", title: "Test bench", schema: { required: ["address"] } },
    ]);
    await first.stop(0);

    await provideConfig(deps, actor, { runId, callId: "call_0", values: { address: "ftp://nowhere" } });
    const second = await worker(world, server.url);
    await vi.waitFor(async () => expect(await dataOf(world, runId, "config_required")).toHaveLength(2), 10_000);
    expect((await dataOf(world, runId, "config_required"))[1]).toMatchObject({ wrong: [{ path: "address" }] });
    await waits(world, runId);
    await provideConfig(deps, actor, { runId, callId: "call_0", values: { address } });
    await vi.waitFor(async () => expect(await dataOf(world, runId, "secrets_required")).toHaveLength(1), 10_000);
    expect(await dataOf(world, runId, "secrets_required")).toMatchObject([
      { callId: "call_0", server: "bench", names: ["BENCH_TOKEN"], secrets: [{ title: "Token" }] },
    ]);
    await waits(world, runId);
    await second.stop(0);

    await provideSecrets(deps, actor, { runId, callId: "call_0", secrets: { BENCH_TOKEN: TOKEN } });
    await worker(world, server.url);
    await ended(world, runId);
    const [added, called] = await toolParts(world, actor, sessionId);
    expect(added).toMatchObject({
      name: "mcp-add",
      state: "ok",
      form: { kind: "secrets", state: "given" },
      result: { status: "active", server: "bench", state: "ok" },
    });
    expect(JSON.stringify(added?.result)).toContain("bench.list_machines");
    expect(called).toMatchObject({ name: "bench.list_machines", state: "ok", result: { tool: "list_machines" } });
    expect((await eventTypes(world, runId)).filter((type) => type === "tool_start")).toHaveLength(2);
    expect(server.requests).toHaveLength(3);

    const everything = await Promise.all([
      deps.db.runEvent.findMany(),
      deps.db.runCall.findMany(),
      deps.db.chatMessage.findMany(),
      deps.db.auditEntry.findMany(),
      deps.db.run.findMany(),
      deps.db.upstream.findMany(),
      deps.db.secret.findMany(),
    ]);
    expect(JSON.stringify([everything, server.requests])).not.toContain(TOKEN);
    expect(await deps.db.secret.count({ where: { workspaceId: actor.workspaceId, name: "BENCH_TOKEN" } })).toBe(1);
  }, 60_000);

  it("is left alone when the person declines, and the model is told", async ({ plant: world }) => {
    const actor = await world.actor();
    const server = await adding();
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await waits(world, runId);
    await provideConfig(world.deps, actor, { runId, callId: "call_0", values: null });
    await ended(world, runId);
    expect(await toolParts(world, actor, sessionId)).toMatchObject([
      { name: "mcp-add", form: { state: "declined" }, result: { status: "declined" } },
    ]);
    expect(await world.deps.db.upstream.count()).toBe(0);
  });

  it("is answered once, and only by the person who asked", async ({ plant: world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const server = await adding();
    await worker(world, server.url);
    const { runId } = await send(world, actor, "x");
    await waits(world, runId);
    const given = { runId, callId: "call_0", values: null };
    for (const other of [await world.actor(), await world.actor({ workspaceId: actor.workspaceId })])
      await expect(provideConfig(deps, other, given)).rejects.toMatchObject({ kind: "missing", code: "run.missing" });
    await expect(provideSecrets(deps, actor, { runId, callId: "call_0", secrets: { A: "b" } })).rejects.toMatchObject({
      code: "chat.not-asked",
    });
    const answers = await Promise.allSettled([provideConfig(deps, actor, given), provideConfig(deps, actor, given)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await ended(world, runId);
    await expect(provideConfig(deps, actor, given)).rejects.toMatchObject({ code: "chat.not-asked" });
  });

  it("asks nobody for secrets who may not store them: the model says where they are stored", async ({
    plant: world,
  }) => {
    const actor = await world.actor({ role: "editor" });
    const server = await adding();
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await waits(world, runId);
    await provideConfig(world.deps, actor, { runId, callId: "call_0", values: { address } });
    await ended(world, runId);
    expect(await toolParts(world, actor, sessionId)).toMatchObject([
      {
        result: {
          status: "secrets_required",
          names: ["BENCH_TOKEN"],
          next: expect.stringContaining("/servers/catalogue") as string,
        },
      },
    ]);
  });

  it("is no longer asked for when the answer was stopped", async ({ plant: world }) => {
    const actor = await world.actor();
    const server = await adding();
    await worker(world, server.url);
    const { runId } = await send(world, actor, "x");
    await waits(world, runId);
    await cancelRun(world.deps, [chatSettler], actor, { id: runId });
    await expect(provideConfig(world.deps, actor, { runId, callId: "call_0", values: {} })).rejects.toMatchObject({
      code: "chat.not-asked",
    });
  });
});
