import { describe, expect } from "vitest";
import type { UpstreamDefinition } from "#server/mcp/definition.ts";
import { createLimits, type Limits } from "#server/mcp/resilience/limits.ts";
import { AppError } from "#server/kernel/errors.ts";
import { it, type World } from "#tests/support/world.ts";
import { definition, operator, silent } from "#tests/support/tool-gateway.ts";
import { findServiceMetrics, listServices, mcpHealth } from "./find-services.ts";
import { reportServices } from "./service-reports.ts";

const dead = "http://127.0.0.1:9/mcp";

/** Calls an upstream so often through a process' limits, each call failing. */
async function fail(limits: Limits, of: UpstreamDefinition, times: number) {
  const exchange = {
    caller: { actor: operator, through: { kind: "page" as const } },
    method: "tools/call",
    params: {},
    capabilities: {},
    timeoutMs: 1_000,
  };
  const lost = () => Promise.reject(new AppError("upstream", "tool.unreachable", "gone"));
  for (let i = 0; i < times; i++)
    await limits.stage(exchange, { definition: of, headers: {} }, lost).catch(() => undefined);
}

const withLimits = (world: World, limits: Limits) => ({
  ...world.deps,
  services: { instance: "here", part: "web" as const, limits },
});

describe("how upstreams do", () => {
  it("is told of this process and of the others, added up, with the worst breaker", async ({ world }) => {
    const actor = await world.actor();
    world.setUpstreams([{ name: "erp", url: dead }]);
    const erp = definition("erp", dead, { policy: {} });
    const [here, there] = [createLimits({ log: silent }), createLimits({ log: silent })];
    await fail(here, erp, 1);
    await fail(there, erp, 6);
    const reporting = reportServices(world.deps, "worker", there, "there");
    await expect
      .poll(() => world.deps.db.partReport.count({ where: { part: "upstreams", instance: "there" } }), {
        timeout: 8_000,
      })
      .toBe(1);
    const metrics = await findServiceMetrics(withLimits(world, here), actor, { name: "erp" });
    expect(metrics.counts).toMatchObject({ calls: 7, failed: 6, broken: 1 });
    expect(metrics.breaker.phase).toBe("open");
    expect(metrics.processes.map(({ part, breaker }) => [part, breaker.phase])).toEqual([
      ["web", "closed"],
      ["worker", "open"],
    ]);
    await reporting.stop();
    expect((await findServiceMetrics(withLimits(world, here), actor, { name: "erp" })).breaker.phase).toBe("closed");
  });

  it("says whether some or all of them fail", async ({ world }) => {
    const actor = await world.actor();
    world.setUpstreams([
      { name: "erp", url: dead },
      { name: "wms", url: dead },
      { name: "off", url: dead, enabled: false },
    ]);
    const limits = createLimits({ log: silent });
    await fail(limits, definition("erp", dead, { policy: {} }), 5);
    expect((await listServices(withLimits(world, limits), actor)).map(({ name, breaker }) => [name, breaker])).toEqual([
      ["erp", "open"],
      ["off", "closed"],
      ["wms", "closed"],
    ]);
    const health = await mcpHealth(withLimits(world, limits), actor);
    expect(health.services.map(({ name }) => name)).toEqual(["erp", "wms"]);
    expect(["degraded", "down"]).toContain(health.status);
  });

  it("of another workspace's upstream is told nobody", async ({ world }) => {
    const [owner, stranger] = [await world.actor(), await world.actor()];
    world.setUpstreams([{ name: "own", url: dead, workspaceId: owner.workspaceId }]);
    await expect(findServiceMetrics(world.deps, stranger, { name: "own" })).rejects.toMatchObject({
      kind: "missing",
      code: "upstream.missing",
    });
    await expect(findServiceMetrics(world.deps, owner, { name: "own" })).resolves.toMatchObject({ name: "own" });
  });
});
