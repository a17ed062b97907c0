import { expect } from "vitest";
import { openDatabase } from "#server/kernel/db.ts";
import { createDispatcher } from "#server/edge/rest/dispatch.ts";
import { it, type World } from "#tests/support/world.ts";
import { createMetrics } from "./metrics.ts";
import { healthRoutes } from "./routes.ts";

const ask = ({ deps }: World, headers: Record<string, string>) => {
  const dispatch = createDispatcher({
    deps,
    routes: healthRoutes(createMetrics(deps)),
    actorFor: () => Promise.reject(new Error("nobody is asked for")),
    limit: async () => ({}),
    observe: () => undefined,
  });
  return dispatch(new Request("http://x/metrics", { headers }), "/metrics");
};

it("tells of the process also while the database is away", async ({ world: { deps } }) => {
  const gone = openDatabase("postgresql://nobody@127.0.0.1:1/nothing");
  const { registry } = createMetrics({ ...deps, sql: gone.sql, db: gone.rows });
  const text = await registry.metrics();
  expect(text).toContain("osf_process_cpu_seconds_total");
  expect(text).not.toMatch(/^osf_runs_unfinished\{/m);
  await gone.close();
});

it("is for this machine's own programs, not for whoever comes through a proxy or a borrowed name", async ({
  world,
}) => {
  const peer = { "X-OSF-Peer": "127.0.0.1" };
  const host = { Host: "127.0.0.1:8080" };
  for (const [expected, headers] of [
    [200, { ...peer, ...host, "X-Forwarded-For": "127.0.0.1" }],
    [200, { "X-OSF-Peer": "::1", Host: "[::1]:8080" }],
    [200, { ...peer, Host: "localhost:8080" }],
    [403, { ...host, "X-OSF-Peer": "192.0.2.7" }],
    [403, { ...peer, ...host, "X-Forwarded-For": "192.0.2.7" }],
    [403, { ...peer, Host: "gateway.example" }],
    [403, { ...host }],
  ] as const) {
    const response = await ask(world, headers);
    expect([response.status, headers]).toEqual([expected, headers]);
    await response.body?.cancel();
  }
});
