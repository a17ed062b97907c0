import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * mcp-proxy, by its own functions, in front of an upstream that speaks HTTP: `npx -p mcp-proxy@… -c "node
 * mcp-proxy-program.ts URL PORT"`. The package is found where npx put it; its own SDK serves both sides.
 */
const [url = "", port = ""] = process.argv.slice(2);
const bin = (process.env["PATH"] ?? "")
  .split(path.delimiter)
  .flatMap((folder) => {
    try {
      return [realpathSync(path.join(folder, "mcp-proxy"))];
    } catch {
      return [];
    }
  })
  .at(0);
if (!bin) throw new Error("run by npx -p mcp-proxy, which puts it on the path");
const theirs = createRequire(bin);
const load = (name: string) => import(pathToFileURL(theirs.resolve(name)).href) as Promise<Record<string, never>>;

interface TheirClient {
  connect(transport: object): Promise<void>;
  getServerCapabilities(): object;
  getServerVersion(): object;
}
type Make<T> = new (...args: unknown[]) => T;
const { Client, StreamableHTTPClientTransport } = (await load("@modelcontextprotocol/client")) as unknown as {
  Client: Make<TheirClient>;
  StreamableHTTPClientTransport: Make<object>;
};
const { Server } = (await load("@modelcontextprotocol/server")) as unknown as { Server: Make<object> };
const { proxyServer, startHTTPServer } = (await import(
  pathToFileURL(path.join(path.dirname(bin), "../index.mjs")).href
)) as {
  proxyServer(options: object): Promise<void>;
  startHTTPServer(options: object): Promise<unknown>;
};

const client = new Client({ name: "bench", version: "1" }, { versionNegotiation: { mode: "auto" } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const serverCapabilities = client.getServerCapabilities();
await startHTTPServer({
  port: Number(port),
  host: "127.0.0.1",
  async createServer() {
    const server = new Server(client.getServerVersion(), { capabilities: serverCapabilities });
    await proxyServer({ client, server, serverCapabilities });
    return server;
  },
});
