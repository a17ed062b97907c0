import { z } from "zod";
import { route } from "../../edge/rest/route.ts";
import { activeServers } from "./active-servers.ts";
import { addServer } from "./add-server.ts";
import { findInCatalogue } from "./find-in-catalogue.ts";
import { removeServer } from "./remove-server.ts";
import { ActiveServer, AddResult, AddServer, FindServers, FoundServer, RemoveResult, ServerRef } from "./schema.ts";

const tag = "MCP servers";

export const catalogueRoutes = [
  route({
    method: "GET",
    path: "/mcp/servers",
    permission: "upstream.read",
    tag,
    summary: "The caller's active servers and their tools",
    response: z.object({
      user_id: z.string(),
      active_servers: z.array(z.string()),
      available_tools: z.array(z.string()),
      tool_count: z.number().int(),
      server_count: z.number().int(),
      server_tools_info: z.array(ActiveServer),
    }),
    async handle({ deps, actor }) {
      const servers = await activeServers(deps, actor);
      const tools = servers.flatMap((server) => server.tools);
      return {
        user_id: actor.userId,
        active_servers: servers.map(({ name }) => name),
        available_tools: tools,
        tool_count: tools.length,
        server_count: servers.length,
        server_tools_info: servers,
      };
    },
  }),
  route({
    method: "POST",
    path: "/mcp/find",
    permission: "upstream.read",
    tag,
    summary: "Search the catalogue and the registered servers with their tools",
    body: FindServers,
    response: z.object({ status: z.literal("ok"), query: z.string(), servers: z.array(FoundServer) }),
    handle: async ({ deps, actor, body }) => ({
      status: "ok" as const,
      query: body.query,
      servers: await findInCatalogue(deps, actor, body),
    }),
  }),
  route({
    method: "POST",
    path: "/mcp/add",
    permission: "upstream.activate",
    tag,
    summary: "Activate a server",
    description:
      "What is still wanted is in the answer: `config_required` with the schema of `config`, `secrets_required` with the names of secrets that the workspace lacks, `approval_required` with who may activate it.",
    body: AddServer,
    response: AddResult,
    handle: ({ deps, actor, body }) => addServer(deps, actor, body),
  }),
  route({
    method: "POST",
    path: "/mcp/remove",
    permission: "upstream.activate",
    tag,
    summary: "Deactivate a server of the catalogue",
    body: ServerRef,
    response: RemoveResult,
    errors: { 409: "It was registered by an administrator and is everybody's" },
    handle: ({ deps, actor, body }) => removeServer(deps, actor, body),
  }),
];
