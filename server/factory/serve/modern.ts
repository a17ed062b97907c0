import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import type { FactoryServer } from "../servers.ts";
import type { CallTool } from "./call.ts";
import type { McpEndpoint } from "./http.ts";

const LIST_TTL_MS = 3_600_000;

/**
 * SDK 2: revision 2026-07-28, request by request without sessions; requests of 2025 revisions are answered by the same
 * tools through the SDK's stateless fallback.
 */
export function createModernEndpoint({ name, title, instructions, tools }: FactoryServer, call: CallTool): McpEndpoint {
  const create = () => {
    const server = new McpServer(
      { name, title, version: "1.0.0" },
      // The tools never change while the process lives and are the same for everybody.
      { instructions, cacheHints: { "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" } } },
    );
    for (const tool of tools) {
      const { title, description, input, output, annotations } = tool;
      const config = {
        title,
        description,
        inputSchema: input,
        outputSchema: output,
        annotations: { title, ...annotations },
      };
      server.registerTool(tool.name, config, (given, context) => call(tool, given, context.mcpReq._meta));
    }
    return server;
  };
  const handler = createMcpHandler(create);
  const answer = toNodeHandler(handler);
  return {
    // Node declares the request's optional fields as `| undefined`, the adapter does not (exactOptionalPropertyTypes).
    handle: (request, response) => answer(request as NodeIncomingMessageLike, response),
    close: () => handler.close(),
  };
}
