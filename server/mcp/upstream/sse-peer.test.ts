import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { startRawServer } from "./test-raw-server.ts";
import { definition, operator, startTestGateway } from "#tests/support/tool-gateway.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).toReversed()) await end();
});

/** A server of revision 2024-11-05, by the library of its time. */
async function startSseServer({ port = 0 } = {}) {
  const open = new Map<string, { transport: SSEServerTransport; server: McpServer }>();
  const introduce = () => {
    const server = new McpServer({ name: "old", version: "1.0.0" });
    server.registerTool("greet", { inputSchema: { name: z.string() } }, async ({ name }) => ({
      content: [{ type: "text", text: `Hello ${name}` }],
    }));
    server.registerTool("ask", {}, async () => {
      const answer = await server.server.elicitInput({
        message: "Who?",
        requestedSchema: { type: "object", properties: { who: { type: "string" } } },
      });
      return { content: [{ type: "text", text: String(answer.content?.["who"]) }] };
    });
    return server;
  };
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "GET" && url.pathname === "/sse") {
      const transport = new SSEServerTransport("/messages", response);
      const server = introduce();
      open.set(transport.sessionId, { transport, server });
      response.once("close", () => open.delete(transport.sessionId));
      return void server.connect(transport);
    }
    const known = open.get(url.searchParams.get("sessionId") ?? "");
    if (!known) return void response.writeHead(404).end();
    void known.transport.handlePostMessage(request, response);
  });
  await new Promise<void>((listening) => http.listen(port, "127.0.0.1", listening));
  const at = (http.address() as AddressInfo).port; // a listening TCP server has one
  const stop = () => {
    http.closeAllConnections();
    return new Promise((done) => http.close(done));
  };
  cleanup.push(stop);
  return { url: `http://127.0.0.1:${at}/sse`, port: at, sessions: () => open.size, stop };
}
async function gatewayTo(url: string) {
  const gateway = await startTestGateway([definition("old", url, { transport: { kind: "sse" } })]);
  cleanup.push(() => gateway.stop());
  const call = (name: string, args: Record<string, unknown>) =>
    gateway.tools.call({ actor: operator, name: `old.${name}`, args });
  return { ...gateway, call };
}

it("lists and calls the tools of a server of 2024-11-05", async () => {
  const { url } = await startSseServer();
  const { tools, call } = await gatewayTo(url);
  expect((await tools.list(operator)).map(({ name }) => name)).toEqual(["old.ask", "old.greet"]);
  const names = ["Anna", "Ben", "Cem"];
  const answers = await Promise.all(names.map((name) => call("greet", { name })));
  expect(answers.map(({ text }) => text)).toEqual(names.map((name) => `Hello ${name}`));
  expect(await tools.check("old", null)).toMatchObject({ state: "ok", era: "legacy", serverVersion: "1.0.0" });
});

it("has its questions answered by the call that they are for", async () => {
  const { url } = await startSseServer();
  const { tools } = await gatewayTo(url);
  const people = ["Anna", "Ben", "Cem"];
  const answers = await Promise.all(
    people.map((who) =>
      tools.exchange("old", {
        caller: { actor: operator, through: { kind: "program" } },
        method: "tools/call",
        params: { name: "ask", arguments: {} },
        capabilities: { elicitation: { form: {} } },
        timeoutMs: 5_000,
        ask: async () => ({ action: "accept", content: { who } }),
      }),
    ),
  );
  expect(answers.map(({ content }) => (content as [{ text: string }])[0].text)).toEqual(people);
});

it("is down while it is away, and comes back by itself", async () => {
  const first = await startSseServer();
  const { tools, call } = await gatewayTo(first.url);
  await call("greet", { name: "Anna" });
  await first.stop();
  const state = async () => (await tools.upstreams(null))[0]!;
  await vi.waitFor(async () => expect(await state()).toMatchObject({ state: "down" }), 5_000);
  await startSseServer({ port: first.port });
  await vi.waitFor(async () => expect(await state()).toMatchObject({ state: "ok" }), 5_000);
  expect(await call("greet", { name: "Ben" })).toMatchObject({ text: "Hello Ben" });
});

it("leaves no stream open when it is removed", async () => {
  const { url, sessions } = await startSseServer();
  const { tools, register } = await gatewayTo(url);
  await tools.check("old", null);
  expect(sessions()).toBe(1);
  register([]);
  await vi.waitFor(() => expect(sessions()).toBe(0), 5_000);
});

it("is not followed where it wants messages sent to another origin", async () => {
  const elsewhere = await startRawServer(() => ({}));
  const server = await startRawServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`event: endpoint\ndata: ${elsewhere.url.href}\n\n`);
  });
  cleanup.push(
    () => elsewhere.stop(),
    () => server.stop(),
  );
  const { tools } = await gatewayTo(server.url.href);
  expect(await tools.check("old", null)).toMatchObject({
    state: "down",
    problem: expect.stringContaining("it wants messages sent to another origin"),
  });
  expect(elsewhere.requests).toEqual([]);
});
