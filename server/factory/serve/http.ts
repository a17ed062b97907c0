import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostHeaderValidation, originValidation } from "@modelcontextprotocol/node";
import { localhostAllowedHostnames } from "@modelcontextprotocol/server";

export interface McpEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export interface ListeningServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

const asUrlHost = (host: string) => (host.includes(":") ? `[${host}]` : host);

/**
 * Serves `POST /mcp` and `GET /health`. `Host` and `Origin` may name loopback or the bound address only: a web page that
 * rebinds its name to 127.0.0.1 gets 403. A busy port is replaced by a free one; other failures to listen are thrown.
 */
export async function listen(
  endpoint: McpEndpoint,
  { host, port, health }: { host: string; port: number; health: () => object },
): Promise<ListeningServer> {
  const names = [...new Set([...localhostAllowedHostnames(), asUrlHost(host)])];
  const [hostAllowed, originAllowed] = [hostHeaderValidation(names), originValidation(names)];

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!hostAllowed(request, response) || !originAllowed(request, response)) return;
    const path = (request.url ?? "").split("?")[0];
    if (path === "/mcp") return endpoint.handle(request, response);
    if (path === "/health" && request.method === "GET") return answer(response, 200, health());
    answer(response, 404, { error: "Not found. MCP is at /mcp, health at /health." });
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      console.error(error);
      if (!response.headersSent) answer(response, 500, { error: "Internal error" });
      else response.destroy();
    });
  });
  await bind(server, host, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") throw error;
    return bind(server, host, 0);
  });
  // A listening TCP server has an AddressInfo; strings are for pipes.
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${asUrlHost(host)}:${bound}/mcp`,
    port: bound,
    async close() {
      await endpoint.close();
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

const bind = (server: Server, host: string, port: number) =>
  new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      done();
    });
  });

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
