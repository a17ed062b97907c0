import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

/** The upstream of the bench, in a process of its own: one tool that answers what it is given. `http` or `stdio`. */
const echo = () => {
  const server = new McpServer({ name: "echo", version: "1.0.0" });
  server.registerTool(
    "echo",
    {
      description: "Answers the text",
      inputSchema: z.object({ text: z.string() }),
      annotations: { readOnlyHint: true },
    },
    async ({ text }) => ({ content: [{ type: "text", text }] }),
  );
  return server;
};

if (process.argv[2] === "stdio") serveStdio(echo);
else {
  const handle = toNodeHandler(createMcpHandler(echo));
  // Node's own classes carry `undefined` where the adapter's structural types do not
  const server = createServer(
    (request, response) =>
      void handle(request as Parameters<typeof handle>[0], response as Parameters<typeof handle>[1]),
  );
  server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
  process.on("disconnect", () => process.exit());
}
