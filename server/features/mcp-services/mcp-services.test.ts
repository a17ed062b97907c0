import { definition } from "#tests/support/tool-gateway.ts";
import { it as base, type World } from "#tests/support/world.ts";
import { describe, expect } from "vitest";
import type { Actor } from "../../kernel/actor.ts";
import { createToolGateway } from "../../mcp/create-gateway.ts";
import { createPolicyStage } from "../../mcp/policy-stage.ts";
import { createLimits } from "../../mcp/resilience/limits.ts";
import { openServicePeer } from "../../mcp/upstream/service/open-service-peer.ts";
import { startService, type TestService } from "../../mcp/upstream/service/test-service.ts";
import { auditWriter } from "../upstreams/index.ts";
import { requestService } from "./request-service.ts";
import { ServiceRequest } from "./schema.ts";
import { serviceDefinition } from "./service-definition.ts";

interface Plant {
  world: World;
  wms: TestService;
  /** Of the workspace of `own`. */
  own: Actor;
  /** What the next calls answer, before they answer what is asked. */
  next: object[];
}

const OPERATIONS = [
  {
    name: "stock",
    inputSchema: { type: "object", properties: { material: { type: "string" } }, required: ["material"] },
    annotations: { readOnlyHint: true },
  },
  { name: "book", inputSchema: { type: "object" } },
];

const it = base.extend<{ plant: Plant }>({
  plant: async ({ world }, use) => {
    const next: object[] = [];
    const wms = await startService(() => next.shift() ?? { stock: 42 });
    const own = await world.actor({ role: "operator" });
    const { deps } = world;
    const before = deps.tools;
    const load = async () => [
      definition("wms", wms.url, {
        workspaceId: own.workspaceId,
        transport: { kind: "service", operations: OPERATIONS },
        policy: {
          privateNetwork: true,
          retry: { backoff: "linear", initialDelayMs: 1, maxDelayMs: 2, maxAttempts: 3 },
          breaker: { failureThreshold: 50, recoveryMs: 60_000, halfOpenMaxCalls: 1 },
        },
      }),
    ];
    deps.tools = createToolGateway({
      upstreams: { load, onChange: () => () => undefined },
      audit: auditWriter(deps),
      log: deps.log,
      clock: deps.clock,
      version: "test",
      defaultTimeoutMs: 5_000,
      stages: [createPolicyStage(), createLimits({ log: deps.log }).stage],
      openers: { service: openServicePeer },
    });
    await use({ world, wms, own, next });
    await deps.tools.close();
    deps.tools = before;
    await wms.stop();
  },
});
const context = { requestId: "req_1", signal: new AbortController().signal };
const ask = ({ world }: Plant, actor: Actor, body: Record<string, unknown>, more: Partial<typeof context> = {}) =>
  requestService(world.deps, actor, ServiceRequest.parse({ service: "wms", ...body }), { ...context, ...more });
const stock = { operation: "stock", parameters: { material: "M-1" } };

describe("a request to a service", () => {
  it("answers in an envelope", async ({ plant }) => {
    const answer = await ask(plant, plant.own, { ...stock, id: "mine", metadata: { priority: "high" } });
    expect(answer).toEqual({
      id: "mine",
      requestId: "req_1",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      success: true,
      data: { stock: 42 },
      metadata: {
        processingTime: expect.any(Number) as number,
        serviceEndpoint: `${plant.wms.url}/`,
        retryCount: 0,
        cacheHit: false,
      },
    });
    expect(JSON.parse(plant.wms.arrived[0]!.body)).toMatchObject({
      metadata: { priority: "high", through: "program" },
    });
    expect(plant.wms.arrived[0]?.headers["x-correlation-id"]).toBe("req_1");
  });

  it("counts what the gateway repeated, and repeats nothing that may have been done", async ({ plant }) => {
    plant.next.push({ status: 500, body: "" }, { status: 503, body: "" });
    expect(await ask(plant, plant.own, stock)).toMatchObject({ success: true, metadata: { retryCount: 2 } });
    plant.next.push({ status: 500, body: "" });
    expect(await ask(plant, plant.own, { operation: "book" })).toMatchObject({
      success: false,
      error: { code: "tool.protocol", mayHaveRun: true },
      metadata: { retryCount: 0 },
    });
    expect(plant.wms.arrived).toHaveLength(4);
  });

  it("says what the service did wrong, as an answer", async ({ plant }) => {
    plant.next.push({ status: 409, body: '{"error":"locked"}' }, { hang: true });
    expect(await ask(plant, plant.own, { operation: "book" })).toMatchObject({
      success: false,
      error: { code: "tool.failed", message: 'HTTP 409: {"error":"locked"}' },
    });
    expect(await ask(plant, plant.own, { operation: "book", metadata: { timeout: 100 } })).toMatchObject({
      success: false,
      error: { code: "tool.timeout" },
    });
  });

  it("refuses what the caller did wrong", async ({ plant }) => {
    const viewer = await plant.world.actor({ role: "viewer", workspaceId: plant.own.workspaceId });
    const scoped: Actor = { ...plant.own, scopes: ["plant.read"] };
    for (const [actor, body, wrong] of [
      [plant.own, { ...stock, service: "nowhere" }, { kind: "missing", code: "upstream.missing" }],
      [plant.own, { operation: "nothing" }, { kind: "missing", code: "tool.missing" }],
      [plant.own, { operation: "stock" }, { kind: "invalid", code: "tool.arguments" }],
      [viewer, { operation: "book" }, { kind: "forbidden", code: "auth.role" }],
      [scoped, { operation: "book" }, { kind: "forbidden", code: "auth.scope" }],
    ] as const)
      await expect(ask(plant, actor, body), JSON.stringify(body)).rejects.toMatchObject(wrong);
    expect(plant.wms.arrived).toEqual([]);
    expect(await ask(plant, viewer, stock)).toMatchObject({ success: true });
  });

  it("ends with its caller", async ({ plant }) => {
    plant.next.push({ hang: true });
    const abort = new AbortController();
    const asked = ask(plant, plant.own, { operation: "book" }, { signal: abort.signal });
    await expect.poll(() => plant.wms.arrived.length).toBe(1);
    abort.abort(new Error("gone"));
    await expect(asked).rejects.toThrow("gone");
  });
});

it("describes the operations of a service", async ({ plant }) => {
  expect(await serviceDefinition(plant.world.deps, plant.own, { name: "wms" })).toMatchObject({
    name: "wms",
    transport: "service",
    operations: [
      { name: "book", class: "write", idempotent: false },
      { name: "stock", class: "read", idempotent: true, inputSchema: { required: ["material"] } },
    ],
  });
});

it("does not exist for a stranger", async ({ plant }) => {
  const stranger = await plant.world.actor({ role: "admin", owner: true });
  await expect(ask(plant, stranger, stock)).rejects.toMatchObject({ kind: "missing" });
  await expect(serviceDefinition(plant.world.deps, stranger, { name: "wms" })).rejects.toMatchObject({
    kind: "missing",
  });
  expect(plant.wms.arrived).toEqual([]);
});
