import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json } from "../exchange.ts";
import type { Message } from "./message.ts";

export interface RawRequest {
  message: Message;
  method: string;
  headers: IncomingMessage["headers"];
}
type Answer = (request: RawRequest, response: ServerResponse) => Json | void;

/** An MCP server without a library: `answer` gives a result, or answers by itself. It can be as wrong as it likes. */
export async function startRawServer(answer: Answer) {
  const requests: RawRequest[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const message = (text ? JSON.parse(text) : {}) as Message; // of the client under test
      const raw = { message, method: request.method ?? "", headers: request.headers };
      requests.push(raw);
      const result = answer(raw, response);
      if (result) sendJson(response, { jsonrpc: "2.0", id: message.id, result });
      else if (!response.headersSent && message.method !== undefined && message.id === undefined)
        response.writeHead(202).end();
      else if (!response.headersSent && raw.method !== "POST") response.writeHead(405).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`), // a listening TCP server has one
    requests,
    of: (method: string) => requests.filter(({ message }) => message.method === method),
    stop() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

export const sendJson = (response: ServerResponse, body: unknown, status = 200): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

/** Opens a stream of events; `send` writes one. */
export function sendEvents(response: ServerResponse, headers: Record<string, string> = {}) {
  response.writeHead(200, { "content-type": "text/event-stream", ...headers });
  return (message: unknown, id?: string) =>
    void response.write(`${id ? `id: ${id}\n` : ""}data: ${message === undefined ? "" : JSON.stringify(message)}\n\n`);
}

/** What a server of 2026-07-28 answers to `server/discover`. */
export const DISCOVERED: Json = {
  resultType: "complete",
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  serverInfo: { name: "raw", version: "1" },
};
/** What a server of the 2025 revisions answers to `initialize`. */
export const introduced = (protocolVersion = "2025-11-25", capabilities: Json = { tools: {} }): Json => ({
  protocolVersion,
  capabilities,
  serverInfo: { name: "raw", version: "1" },
});
