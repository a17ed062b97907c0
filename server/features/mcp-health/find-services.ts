import type { Actor } from "#server/kernel/actor.ts";
import { missing } from "#server/kernel/errors.ts";
import { DEFAULT_BOUNDS } from "#server/mcp/resilience/bounds.ts";
import { noCounts, type ServiceState } from "#server/mcp/resilience/service-state.ts";
import type { Deps } from "../deps.ts";
import { listUpstreams } from "../upstreams/index.ts";
import type { McpHealth, ServiceMetrics, ServiceRef, ServiceView } from "./schema.ts";
import { serviceReports, type ServiceReport } from "./service-reports.ts";

type ServiceDeps = Pick<Deps, "db" | "clock" | "tools" | "services">;

/** Bounds, breaker and counts of each upstream that the workspace may use, over all processes. */
export async function listServiceMetrics(deps: ServiceDeps, actor: Actor): Promise<ServiceMetrics[]> {
  const [upstreams, reports] = await Promise.all([listUpstreams(deps, actor), readReports(deps)]);
  return upstreams.map((upstream) => metricsOf(upstream, reports));
}

/** Of one. Throws `upstream.missing` for what is not there or is another workspace's. */
export async function findServiceMetrics(
  deps: ServiceDeps,
  actor: Actor,
  { name }: ServiceRef,
): Promise<ServiceMetrics> {
  const found = (await listServiceMetrics(deps, actor)).find((one) => one.name === name);
  if (!found) throw missing("MCP server", "upstream.missing");
  return found;
}

export async function listServices(deps: ServiceDeps, actor: Actor): Promise<ServiceView[]> {
  const [upstreams, reports] = await Promise.all([listUpstreams(deps, actor), readReports(deps)]);
  return upstreams.map((upstream) => {
    const { name, title, state, problem, transport, protocol, tools, latencyMs } = upstream;
    const { breaker, inFlight, queued } = metricsOf(upstream, reports);
    return {
      name,
      title,
      state,
      transport,
      tools,
      breaker: breaker.phase,
      inFlight,
      queued,
      ...(problem !== undefined && { problem }),
      ...(protocol !== undefined && { protocol }),
      ...(latencyMs !== undefined && { latencyMs }),
    };
  });
}

export async function mcpHealth(deps: ServiceDeps, actor: Actor): Promise<McpHealth> {
  const services = (await listServices(deps, actor)).filter(({ state }) => state !== "disabled");
  const down = services.filter(({ state, breaker }) => state === "down" || breaker === "open").length;
  const status = down === 0 ? "ok" : down < services.length ? "degraded" : "down";
  return {
    status,
    services: services.map(({ name, state, problem, latencyMs, breaker }) => ({
      name,
      state,
      breaker,
      ...(problem !== undefined && { problem }),
      ...(latencyMs !== undefined && { latencyMs }),
    })),
  };
}

const readReports = (deps: ServiceDeps) =>
  serviceReports(deps, {
    instance: deps.services.instance,
    part: deps.services.part,
    states: Object.fromEntries(deps.services.limits.states()),
  });

const WORST = ["open", "half-open", "closed"] as const;

function metricsOf({ id, name }: { id: string; name: string }, reports: ServiceReport[]): ServiceMetrics {
  const seen = reports.flatMap(({ part, states }) => (states[id] ? [{ part, state: states[id] }] : []));
  const all = seen.map(({ state }) => state);
  const sum = (of: (state: ServiceState) => number) => all.reduce((total, state) => total + of(state), 0);
  const worst = WORST.map((phase) => all.find(({ breaker }) => breaker.phase === phase)).find(Boolean);
  const counts = noCounts();
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] = sum((state) => state.counts[key]);
  const slowest = all.map(({ latency }) => latency).toSorted((a, b) => (b?.p95 ?? -1) - (a?.p95 ?? -1))[0];
  const bounds = all[0]?.bounds ?? DEFAULT_BOUNDS;
  return {
    name,
    breaker: worst?.breaker ?? { phase: "closed", failures: 0, opensInMs: 0, halfOpenLeft: 0 },
    inFlight: sum((state) => state.inFlight),
    queued: sum((state) => state.queued),
    tokens: all.length ? Math.min(...all.map(({ tokens }) => tokens)) : bounds.rate.burst,
    callers: sum((state) => state.callers),
    counts,
    latency: slowest ?? null,
    bounds,
    processes: seen.map(({ part, state: { breaker, inFlight, queued, tokens } }) => ({
      part,
      breaker,
      inFlight,
      queued,
      tokens,
    })),
  };
}
