import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler, type NodeIncomingMessageLike } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const THINGS = [
  "order", "machine", "material", "pallet", "shipment", "carrier", "batch", "audit", "defect", "recipe",
  "shift", "operator", "energy meter", "compressor", "forklift", "supplier", "invoice", "maintenance job", "spare part", "tool magazine",
  "conveyor", "furnace", "press", "robot", "paint line", "test bench", "calibration", "alarm", "sensor", "work plan",
]; // prettier-ignore
const VERBS = [
  ["list", "Lists", true],
  ["get", "Shows one", true],
  ["update", "Changes", false],
  ["report", "Figures over a period for each", true],
] as const;

/** What a tool answers: what it was asked, so that a test sees that the right one was called. */
const answer = (tool: string, args: unknown) => {
  const structuredContent = { tool, args, rows: [{ id: `${tool}-1`, state: "ok" }] };
  return { content: [{ type: "text" as const, text: JSON.stringify(structuredContent) }], structuredContent };
};

/** A real MCP server with many plausible tools, named `<verb>_<thing>s`; `from`: of the things in turn; `token`: the bearer that it wants. */
export async function startManyTools(count: number, from = 0, token?: string) {
  const calls: { name: string; args: unknown }[] = [];
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "many", version: "1.0.0" });
    for (let i = from; i < from + count; i++) {
      const thing = `${THINGS[i % THINGS.length]}`;
      const [verb, says, reads] = VERBS[Math.floor(i / THINGS.length) % VERBS.length]!;
      const area = ["", " of hall 2", " of the northern site"][Math.floor(i / THINGS.length / VERBS.length)] ?? "";
      const name = `${verb}_${thing.replaceAll(" ", "_")}s${area.replaceAll(" ", "_")}`;
      server.registerTool(
        name,
        {
          title: `${says} ${thing}${area}`,
          description: `${says} ${thing}${area} with its state, place, responsible person and the times at which it was planned, begun and ended. Use it for questions about ${thing}s, for example which are late and why.`,
          inputSchema: z.object({
            id: z.string().optional().describe(`Id or name of one ${thing}, as the list shows it`),
            state: z.enum(["open", "running", "blocked", "done"]).optional().describe("Only those in this state"),
            since: z.string().optional().describe("Only those that changed since this date, ISO 8601"),
            limit: z.number().int().min(1).max(500).default(50).describe("How many rows at most"),
          }),
          annotations: { readOnlyHint: reads, destructiveHint: false },
        },
        (args) => {
          calls.push({ name, args });
          return answer(name, args);
        },
      );
    }
    return server;
  });
  const handle = toNodeHandler(handler);
  const server = createServer((request, response) => {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return void response.writeHead(401, { "WWW-Authenticate": "Bearer" }).end();
    void handle(request as NodeIncomingMessageLike, response); // see factory/serve/modern.ts
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    calls,
    async stop() {
      await handler.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
