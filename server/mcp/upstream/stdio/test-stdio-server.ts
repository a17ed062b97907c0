import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { McpServer } from "@modelcontextprotocol/server";
import { McpServer as LegacyServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

/**
 * An MCP server on the standard streams: `modern`, `legacy`, or one of the misbehaving kinds: `flood` sends a message
 * without end, `deaf` ignores SIGTERM and the end of its input, `mute` answers nothing but pings and `initialize`.
 */
const kind = process.argv[2] ?? "modern";

const text = (value: unknown) => ({ content: [{ type: "text" as const, text: JSON.stringify(value) }] });
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

function about() {
  return {
    pid: process.pid,
    uid: process.getuid?.(),
    cwd: process.cwd(),
    env: Object.keys(process.env).toSorted(),
    token: process.env["TOKEN"],
    args: process.argv.slice(2),
    openFiles: readdirSync("/proc/self/fd").length,
  };
}

/** Both packages register tools in the same words. */
function addTools(server: Pick<McpServer, "registerTool">, ask: (text: string) => Promise<unknown>) {
  server.registerTool("about", { description: "About the process" }, async () => text(about()));
  server.registerTool("say", { inputSchema: z.object({ line: z.string() }) }, async ({ line }) => {
    process.stderr.write(`${line}\n`);
    return text({ said: line });
  });
  server.registerTool("slow", { inputSchema: z.object({ ms: z.number() }) }, async ({ ms }) => {
    await wait(ms);
    return text({ slept: ms });
  });
  server.registerTool("eat", { description: "Takes memory" }, async () => {
    const eaten: Buffer[] = [];
    for (let n = 0; n < 1_000; n++) eaten.push(Buffer.alloc(1024 * 1024, n));
    await wait(60_000);
    return text({ eaten: eaten.length });
  });
  server.registerTool("die", { description: "Ends the process" }, async () => process.exit(3));
  server.registerTool("spawn", { description: "Starts a process that stays" }, async () => {
    const { pid } = spawn("sleep", ["600"], { stdio: "ignore" });
    return text({ pid });
  });
  server.registerTool("ask", { description: "Asks back" }, async () => text(await ask("Which line?")));
}

if (kind === "modern" || kind === "deaf") {
  if (kind === "deaf") {
    process.on("SIGTERM", () => undefined);
    setInterval(() => undefined, 1_000);
  }
  serveStdio(() => {
    const server = new McpServer({ name: "test", version: "1" });
    addTools(server, async () => null);
    return server;
  });
} else if (kind === "legacy") {
  console.log("Welcome to the test server"); // as not few do
  const server = new LegacyServer({ name: "test", version: "1" });
  const ask = (message: string) =>
    server.server.elicitInput({
      message,
      requestedSchema: { type: "object", properties: { line: { type: "string" } } },
    });
  addTools(server as unknown as Pick<McpServer, "registerTool">, ask); // the same in all that is used here
  await server.connect(new StdioServerTransport());
} else if (kind === "flood") {
  process.stdout.write('{"jsonrpc":"2.0","method":"x","params":{"a":"');
  const chunk = "a".repeat(1024 * 1024);
  const more = () => {
    while (process.stdout.write(chunk));
    process.stdout.once("drain", more);
  };
  more();
} else if (kind === "mute") {
  process.stdin.on("data", (data: Buffer) => {
    for (const line of data.toString().split("\n").filter(Boolean)) {
      const { id, method } = JSON.parse(line) as { id?: unknown; method: string }; // the gateway writes nothing else
      const result = {
        ping: {},
        initialize: {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "mute", version: "1" },
        },
        "tools/list": { tools: [] },
      }[method];
      if (result) process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
    }
  });
} else {
  process.stderr.write("no such kind, and the token is " + process.env["TOKEN"] + "\n");
  process.exit(7);
}
