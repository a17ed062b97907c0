import { z } from "zod";
import { route } from "../../edge/rest/route.ts";
import { callTool, listTools } from "./call-tool.ts";
import { createUpstream } from "./create-upstream.ts";
import { checkUpstream, findUpstream, listUpstreams } from "./find-upstream.ts";
import { upstreamHealth } from "./public-health.ts";
import { removeUpstream } from "./remove-upstream.ts";
import {
  CallTool,
  ChangeUpstream,
  CreateUpstream,
  ToolResult,
  ToolView,
  UpstreamDetails,
  UpstreamLogLine,
  UpstreamRef,
  UpstreamView,
} from "./schema.ts";
import { updateUpstream } from "./update-upstream.ts";
import { upstreamDetails } from "./upstream-details.ts";
import { upstreamLogs } from "./upstream-logs.ts";

const tag = "MCP servers";
const whole = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), nextCursor: z.null() });

export const upstreamRoutes = [
  route({
    method: "GET",
    path: "/api/mcp/servers",
    permission: "upstream.read",
    tag,
    summary: "MCP servers that the workspace may use, with their state",
    response: whole(UpstreamView),
    handle: async ({ deps, actor }) => ({ items: await listUpstreams(deps, actor), nextCursor: null }),
  }),
  route({
    method: "POST",
    path: "/api/mcp/servers",
    permission: "upstream.write",
    tag,
    summary: "Register an MCP server",
    description: "One that does not answer is taken all the same; `state` and `problem` of the answer say so.",
    body: CreateUpstream,
    response: UpstreamView,
    status: 201,
    errors: { 409: "The name is taken" },
    handle: ({ deps, actor, body }) => createUpstream(deps, actor, body),
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}",
    permission: "upstream.read",
    tag,
    summary: "One MCP server",
    params: UpstreamRef,
    response: UpstreamView,
    handle: ({ deps, actor, params }) => findUpstream(deps, actor, params),
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}/definition",
    permission: "upstream.read",
    tag,
    summary: "How one MCP server is registered: transport, authentication (names of secrets), bounds",
    params: UpstreamRef,
    response: UpstreamDetails,
    handle: ({ deps, actor, params }) => upstreamDetails(deps, actor, params),
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}/logs",
    permission: "upstream.write",
    tag,
    summary: "What the process of a server wrote last, where it is one of this machine",
    params: UpstreamRef,
    response: z.object({ items: z.array(UpstreamLogLine) }),
    handle: async ({ deps, actor, params }) => ({ items: await upstreamLogs(deps, actor, params) }),
  }),
  route({
    method: "PUT",
    path: "/api/mcp/servers/{id}",
    permission: "upstream.write",
    tag,
    summary: "Change an MCP server; what is left out stays",
    params: UpstreamRef,
    body: ChangeUpstream,
    response: UpstreamView,
    errors: { 409: "It comes with the settings and is changed there" },
    handle: ({ deps, actor, params, body }) => updateUpstream(deps, actor, { ...params, ...body }),
  }),
  route({
    method: "DELETE",
    path: "/api/mcp/servers/{id}",
    permission: "upstream.write",
    tag,
    summary: "Remove an MCP server and with it its tools",
    params: UpstreamRef,
    response: z.object({ removed: z.literal(true) }),
    errors: { 409: "It comes with the settings and is changed there" },
    handle: async ({ deps, actor, params }) => {
      await removeUpstream(deps, actor, params);
      return { removed: true as const };
    },
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}/tools",
    permission: "tool.read",
    tag,
    summary: "Tools of one MCP server; none while it is down",
    params: UpstreamRef,
    response: whole(ToolView),
    handle: async ({ deps, actor, params }) => {
      const { name } = await findUpstream(deps, actor, params);
      return { items: await listTools(deps, actor, { server: name }), nextCursor: null };
    },
  }),
  route({
    method: "POST",
    path: "/api/mcp/servers/{id}/tools/{tool}/call",
    permission: "plant.read",
    tag,
    summary: "Call a tool",
    description: "Tools that only read; others need the platform's owner.",
    params: UpstreamRef.extend({
      tool: z.string().min(1).max(128).meta({ description: "The server's own name of it" }),
    }),
    body: CallTool.pick({ args: true }),
    response: ToolResult,
    errors: { 502: "The server does not answer, or not as MCP wants it" },
    handle: async ({ deps, actor, params, body, requestId, signal }) => {
      const { name } = await findUpstream(deps, actor, params);
      return callTool(deps, actor, { name: `${name}.${params.tool}`, args: body.args }, { requestId, signal });
    },
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}/health",
    permission: "upstream.read",
    tag,
    summary: "Look at one MCP server now",
    params: UpstreamRef,
    response: UpstreamView,
    handle: ({ deps, actor, params }) => checkUpstream(deps, actor, params),
  }),
  route({
    method: "GET",
    path: "/health/mcp/{server}",
    permission: null,
    tag: "Health",
    summary: "Whether one MCP server answers: 200, or 503",
    params: z.object({ server: z.string().min(1).max(64) }),
    response: z.object({ status: z.enum(["ok", "down"]), latencyMs: z.number().optional() }),
    errors: { 503: "It does not answer" },
    handle: async ({ deps, params }) => {
      const health = await upstreamHealth(deps, params);
      return Response.json(health, { status: health.status === "ok" ? 200 : 503 });
    },
  }),
];
