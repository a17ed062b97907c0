import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";

/** A tool as it is listed, word for word. */
export interface SaidTool {
  name: string;
  description?: string;
  inputSchema: { type: "object"; [member: string]: unknown };
  annotations?: Record<string, boolean>;
  [member: string]: unknown;
}

export const said = (name: string, more: Partial<SaidTool> = {}): SaidTool => ({
  name,
  description: `Does ${name}`,
  inputSchema: { type: "object", properties: { id: { type: "string" } } },
  annotations: { readOnlyHint: true },
  ...more,
});

/** A real MCP server that lists whatever it is told to, and changes its mind. Calls answer with the tool's name. */
export async function startChangingUpstream(tools: SaidTool[]) {
  let now = tools;
  let saying: NodeJS.Timeout | undefined;
  const calls: { name: string; args: unknown }[] = [];
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: "changing", version: "1.0.0" },
        { capabilities: { tools: { listChanged: true } } },
      );
      server.server.setRequestHandler("tools/list", async () => ({ tools: now }));
      server.server.setRequestHandler("tools/call", async ({ params: { name, arguments: args } }) => {
        calls.push({ name, args });
        return { content: [{ type: "text" as const, text: name }] };
      });
      return server;
    },
    { legacy: "reject" },
  );
  const handle = toNodeHandler(handler);
  const server = createServer((request, response) => void handle(request as NodeIncomingMessageLike, response)); // see factory/serve/modern.ts
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    calls,
    /** Lists this from now on; `silently`: without saying so. Else it says so again and again, for whoever comes later. */
    say(next: SaidTool[], { silently = false } = {}) {
      now = next;
      clearInterval(saying);
      if (silently) return;
      handler.notify.toolsChanged();
      saying = setInterval(() => handler.notify.toolsChanged(), 100);
    },
    async stop() {
      clearInterval(saying);
      server.closeAllConnections();
      await Promise.all([new Promise((done) => server.close(done)), handler.close()]);
    },
  };
}
export type ChangingUpstream = Awaited<ReturnType<typeof startChangingUpstream>>;
