import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { definition } from "#tests/support/tool-gateway.ts";
import { askModern, startTestEndpoint, type TestEndpoint } from "../test-endpoint.ts";

/** An upstream of 2026-07-28 with the extension of tasks, whose every call becomes one. */
interface Said {
  id: number;
  method: string;
  params: Record<string, unknown>;
}
const heard: { method: string; taskId: unknown; header: unknown; extensions: unknown }[] = [];
const answerTo = ({ method, params }: Said): object => {
  const task = { taskId: "their-task", status: "working", ttlMs: 60_000, pollIntervalMs: 100 };
  const unknown = "novel" in params ? { novel: params["novel"] } : {};
  if (method === "server/discover")
    return {
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {}, extensions: { "io.modelcontextprotocol/tasks": {}, "com.example/novel": { a: 1 } } },
      instructions: "Be careful.",
    };
  if (method === "tools/list")
    return { tools: [{ name: "compute", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } }] };
  if (method === "tools/call") return { ...task, ...unknown, resultType: "task", novelMember: { of: "result" } };
  return { ...task, status: "completed", result: { content: [{ type: "text", text: "42" }] } };
};

let upstream: Server;
let endpoint: TestEndpoint;
let mcp: string;
beforeAll(async () => {
  upstream = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const said = JSON.parse(text) as Said;
      const meta = said.params["_meta"] as Record<string, { extensions?: unknown }>; // of every request of the revision
      heard.push({
        method: said.method,
        taskId: said.params["taskId"],
        header: request.headers["mcp-name"],
        extensions: meta["io.modelcontextprotocol/clientCapabilities"]?.extensions,
      });
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ jsonrpc: "2.0", id: said.id, result: { resultType: "complete", ...answerTo(said) } }),
      );
    });
  });
  await new Promise<void>((listening) => upstream.listen(0, "127.0.0.1", listening));
  const { port } = upstream.address() as AddressInfo; // a listening TCP server has one
  endpoint = await startTestEndpoint([
    definition("calc", `http://127.0.0.1:${port}/mcp`),
    definition("twin", `http://127.0.0.1:${port}/mcp`),
  ]);
  mcp = `${endpoint.url}/mcp`;
});
afterAll(async () => {
  await endpoint.stop();
  upstream.closeAllConnections();
  await new Promise((done) => upstream.close(done));
});
const able = { capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } };

it("passes extensions, instructions and unknown members of one server through", async () => {
  const { result } = await askModern(`${mcp}/servers/calc`, "server/discover");
  expect(result).toMatchObject({
    instructions: "Be careful.",
    capabilities: { extensions: { "io.modelcontextprotocol/tasks": {}, "com.example/novel": { a: 1 } } },
  });
  const called = await askModern(`${mcp}/servers/calc`, "tools/call", { name: "compute", novel: "param" }, able);
  expect(called.result).toMatchObject({
    resultType: "task",
    novelMember: { of: "result" },
    novel: "param",
    ttlMs: 60_000,
  });
  expect(heard.at(-1)?.extensions).toEqual({ "io.modelcontextprotocol/tasks": {} });
});

it.each([
  ["", "calc.compute"],
  ["/servers/calc", "compute"],
])("gives a task at /mcp%s an id of the person's own, and knows it again", async (path, name) => {
  const { result } = await askModern(mcp + path, "tools/call", { name, arguments: {} }, able);
  expect(result.taskId).not.toContain("their-task");
  const got = await askModern(mcp + path, "tasks/get", { taskId: result.taskId }, able);
  expect(got.result).toMatchObject({
    taskId: result.taskId,
    status: "completed",
    result: { content: [{ text: "42" }] },
  });
  expect(heard.at(-1)).toMatchObject({ method: "tasks/get", taskId: "their-task", header: "their-task" });
  expect((await askModern(mcp + path, "tasks/cancel", { taskId: result.taskId }, able)).result).toBeDefined();
});

it("has no task for anybody else, at another server, or by a guess", async () => {
  const { result } = await askModern(mcp, "tools/call", { name: "calc.compute", arguments: {} }, able);
  const { taskId } = result as { taskId: string };
  const before = heard.length;
  for (const [path, id, token] of [
    ["", taskId, "vera"],
    ["", taskId, "stranger"],
    ["/servers/twin", taskId, "olga"],
    ["", "their-task", "olga"],
    ["", `${taskId}A`, "olga"],
  ] as const)
    expect(
      (await askModern(mcp + path, "tasks/get", { taskId: id }, { token })).error,
      `${path} ${token}`,
    ).toMatchObject({
      code: -32602,
      message: "This task does not exist",
    });
  expect(heard.slice(before).filter(({ method }) => method.startsWith("tasks/"))).toEqual([]);
  expect((await askModern(mcp, "tasks/list")).status).toBe(404);
});

it("promises no tasks of one revision to clients of another", async () => {
  const begun = await fetch(`${mcp}/servers/calc`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: "Bearer olga",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
    }),
  });
  expect(await begun.json()).toMatchObject({
    result: { capabilities: { tools: {}, extensions: { "com.example/novel": { a: 1 } } }, instructions: "Be careful." },
  });
});
