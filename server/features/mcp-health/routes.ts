import { z } from "zod";
import { route } from "#server/edge/rest/route.ts";
import { findServiceMetrics, listServices, mcpHealth } from "./find-services.ts";
import { McpHealth, ServiceMetrics, ServiceRef, ServiceView } from "./schema.ts";

const tag = "MCP servers";

export const mcpHealthRoutes = [
  route({
    method: "GET",
    path: "/mcp/health",
    permission: "upstream.read",
    tag,
    summary: "Whether the upstreams of the workspace answer",
    response: McpHealth,
    handle: ({ deps, actor }) => mcpHealth(deps, actor),
  }),
  route({
    method: "GET",
    path: "/mcp/services",
    permission: "upstream.read",
    tag,
    summary: "State of each upstream, its breaker and its load",
    response: z.object({ items: z.array(ServiceView), nextCursor: z.null() }),
    handle: async ({ deps, actor }) => ({ items: await listServices(deps, actor), nextCursor: null }),
  }),
  route({
    method: "GET",
    path: "/mcp/services/{name}/metrics",
    permission: "upstream.read",
    tag,
    summary: "Breaker, buckets, queue, counts and latency of one upstream",
    params: ServiceRef,
    response: ServiceMetrics,
    handle: ({ deps, actor, params }) => findServiceMetrics(deps, actor, params),
  }),
];
