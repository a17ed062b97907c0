import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { FactoryServer } from "../servers.ts";
import type { CallTool } from "./call.ts";
import type { McpEndpoint } from "./http.ts";

/** Clients that forget to end their session must not fill the memory: the longest unused one goes. */
const SESSIONS_KEPT = 64;

function createServer({ name, title, instructions, tools }: FactoryServer, call: CallTool): McpServer {
  const server = new McpServer({ name, title, version: "1.0.0" }, { instructions });
  for (const tool of tools) {
    const { title, description, input, output, annotations } = tool;
    const config = {
      title,
      description,
      inputSchema: input,
      outputSchema: output,
      annotations: { title, ...annotations },
    };
    server.registerTool(tool.name, config, (given, extra) => call(tool, given, extra._meta));
  }
  return server;
}

// The class declares its optional callbacks as `| undefined`, its own interface does not (exactOptionalPropertyTypes).
const connect = (server: McpServer, transport: StreamableHTTPServerTransport) => server.connect(transport as Transport);

const refuse = (response: ServerResponse, status: number, code: number, message: string): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id: null }));
};

/** SDK 1 with sessions: `Mcp-Session-Id`, event streams, `DELETE` ends the session. Revisions up to 2025-11-25. */
export function createSessionEndpoint(facts: FactoryServer, call: CallTool): McpEndpoint {
  const sessions = new Map<string, StreamableHTTPServerTransport>();

  const open = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized(id) {
        sessions.set(id, transport);
        const [oldest] = sessions;
        if (sessions.size <= SESSIONS_KEPT || !oldest) return;
        sessions.delete(oldest[0]);
        void oldest[1].close();
      },
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await connect(createServer(facts, call), transport);
    return transport;
  };

  return {
    async handle(request: IncomingMessage, response: ServerResponse) {
      const id = request.headers["mcp-session-id"];
      if (typeof id !== "string") {
        // The transport itself refuses whatever is not an initialize request.
        const transport = await open();
        await transport.handleRequest(request, response);
        if (transport.sessionId === undefined) await transport.close();
        return;
      }
      const transport = sessions.get(id);
      if (!transport) return refuse(response, 404, -32001, "Session not found");
      // Last used, last in the map.
      sessions.delete(id);
      sessions.set(id, transport);
      await transport.handleRequest(request, response);
    },
    async close() {
      for (const transport of sessions.values()) await transport.close();
      sessions.clear();
    },
  };
}

/** SDK 1 without sessions: a fresh server for each request, one JSON body as answer, no event stream. */
export function createStatelessEndpoint(facts: FactoryServer, call: CallTool): McpEndpoint {
  return {
    async handle(request: IncomingMessage, response: ServerResponse) {
      if (request.method !== "POST") return refuse(response, 405, -32000, "Method not allowed");
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      const server = createServer(facts, call);
      response.on("close", () => void server.close());
      await connect(server, transport);
      await transport.handleRequest(request, response);
    },
    close: () => Promise.resolve(),
  };
}
