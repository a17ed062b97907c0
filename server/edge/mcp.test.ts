import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEverything, type Fixture } from "#tests/conformance/server/everything.ts";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { createWorld, type World } from "#tests/support/world.ts";
import { createApiKey } from "../features/accounts/index.ts";
import { revokeApiKey } from "../features/accounts/api-keys.ts";
import { CreateApiKey } from "../features/accounts/schema.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Role } from "../kernel/permissions.ts";
import { createMcp, type Mcp } from "./mcp.ts";

let world: World;
let upstream: TestUpstream;
let everything: Fixture;
let mcp: Mcp;
let server: http.Server;
let port: number;
const closing = new AbortController();
const seen: string[] = [];
/** Another process of the same installation. */
let beside: { port: number; stop(): Promise<void> };
async function startBeside(): Promise<typeof beside> {
  const other = createMcp(world.deps, {
    ownTools: { for: async () => [], onChange: () => () => undefined },
    closing: closing.signal,
  });
  const listener = http.createServer((request, response) => void other.handle(request, response));
  await new Promise<void>((listening) => listener.listen(0, "127.0.0.1", listening));
  return {
    port: (listener.address() as AddressInfo).port, // a listening TCP server has one
    async stop() {
      await other.close();
      listener.closeAllConnections();
      await new Promise((done) => listener.close(done));
    },
  };
}
beforeAll(async () => {
  world = await createWorld();
  upstream = await startCountingUpstream();
  everything = await startEverything("modern");
  world.setUpstreams([
    { name: "plant", url: upstream.url },
    { name: "everything", url: everything.url },
  ]);
  const { deps } = world;
  const settings = { ...deps.settings, publicUrl: "https://osf.example.com", corsOrigins: ["https://mes.example.com"] };
  mcp = createMcp(
    { ...deps, settings },
    {
      ownTools: { for: async () => [], onChange: () => () => undefined },
      closing: closing.signal,
      observe: (route, method, status) => seen.push(`${method} ${route} ${status}`),
    },
  );
  server = http.createServer((request, response) => {
    if (!mcp.handle(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  ({ port } = server.address() as AddressInfo); // a listening TCP server has one
  beside = await startBeside();
});
afterAll(async () => {
  closing.abort();
  await beside.stop();
  await mcp.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await Promise.all([upstream.stop(), everything.stop()]);
  await world.close();
});

async function keyOf(role: Role, scopes: string[] = []): Promise<{ actor: Actor; id: string; key: string }> {
  const actor = await world.actor({ role });
  const { id, key } = await createApiKey(world.deps, actor, CreateApiKey.parse({ name: "k", scopes }));
  return { actor, id, key };
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: { result?: Record<string, unknown>; error?: { code: number; message: string } };
}
/** By Node's own client, which sends any `Host` and `Origin`. */
function send(headers: http.OutgoingHttpHeaders, body: unknown, { method = "POST", at = port } = {}): Promise<Answer> {
  return new Promise((done, failed) => {
    const request = http.request(
      {
        port: at,
        host: "127.0.0.1",
        method,
        path: "/mcp",
        headers: { "content-type": "application/json", ...headers },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: (text ? JSON.parse(text) : {}) as Answer["body"],
          }),
        );
      },
    );
    request.on("error", failed);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
const ask = (
  key: string | undefined,
  method: string,
  params: Record<string, unknown> = {},
  headers: http.OutgoingHttpHeaders = {},
  at = port,
) =>
  send(
    {
      ...(key && { "x-api-key": key }),
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof params["name"] === "string" && { "mcp-name": params["name"] }),
      ...headers,
    },
    {
      jsonrpc: "2.0",
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
        },
      },
    },
    { at },
  );

describe("who", () => {
  it("serves who has a key, with one audit row for each call", async () => {
    const { key, actor } = await keyOf("operator");
    const called = await ask(key, "tools/call", { name: "plant.read_stock", arguments: { material: "M" } });
    expect(called).toMatchObject({ status: 200, body: { result: { structuredContent: { stock: 42 } } } });
    expect(called.headers).toMatchObject({ "ratelimit-limit": "1000", "x-request-id": expect.any(String) });
    await expect
      .poll(() => world.deps.db.auditEntry.findFirst({ where: { action: "tool.call", userId: actor.userId } }))
      .toMatchObject({ subject: "plant.read_stock", outcome: "ok" });
    expect(seen).toContain("POST /mcp 200");
  });

  it("says where to get a token to who has none", async () => {
    const bare = await ask(undefined, "tools/list");
    expect([bare.status, bare.headers["www-authenticate"]]).toEqual([
      401,
      'Bearer resource_metadata="https://osf.example.com/.well-known/oauth-protected-resource/mcp"',
    ]);
    const elsewhere = await ask(undefined, "tools/list", {}, { host: "10.1.2.3:8080" });
    expect(elsewhere.headers["www-authenticate"]).toBe(bare.headers["www-authenticate"]);
    const wrong = await ask(`osf_${"0".repeat(32)}`, "tools/list");
    expect([wrong.status, wrong.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    const cookie = await ask(undefined, "tools/list", {}, { cookie: "next-auth.session-token=x" });
    expect(cookie.status).toBe(401);
  });

  it("says which scope is missing", async () => {
    const { key } = await keyOf("operator", ["plant.read"]);
    const refused = await ask(key, "tools/list");
    expect([refused.status, refused.headers["www-authenticate"]]).toEqual([
      403,
      expect.stringMatching(/^Bearer error="insufficient_scope", scope="mcp\.use", resource_metadata=/),
    ]);
  });

  it("refuses a key from the moment that it is revoked", async () => {
    const { key, id, actor } = await keyOf("viewer");
    expect((await ask(key, "tools/list")).status).toBe(200);
    await revokeApiKey(world.deps, actor, { id });
    await expect.poll(async () => (await ask(key, "tools/list")).status).toBe(401);
  });

  it("takes a state back once, and in whichever process", async () => {
    const { key } = await keyOf("operator");
    const call = { name: "everything.test_input_required_result_request_state", arguments: {} };
    const first = await ask(key, "tools/call", call);
    expect(first.body.result).toMatchObject({ resultType: "input_required", requestState: expect.any(String) });
    const again = {
      ...call,
      requestState: first.body.result?.["requestState"],
      inputResponses: { confirm: { action: "accept", content: { ok: true } } },
    };
    expect((await ask(key, "tools/call", again, {}, beside.port)).body.result).toMatchObject({
      content: [{ text: "state-ok" }],
    });
    for (const process of [beside.port, port])
      expect((await ask(key, "tools/call", again, {}, process)).body.error).toMatchObject({
        code: -32602,
        message: expect.stringContaining("used already"),
      });
    const stranger = await keyOf("operator");
    expect((await ask(stranger.key, "tools/call", again)).body.error?.message).toContain("not given to you");
  });

  it("goes on with a session in whichever process, and passes the client's answers to the one that asked", async () => {
    const { key } = await keyOf("operator");
    const clientInfo = { name: "t", version: "1" };
    const params = { protocolVersion: "2025-11-25", capabilities: { elicitation: {} }, clientInfo };
    const begun = await send({ "x-api-key": key }, { jsonrpc: "2.0", id: 0, method: "initialize", params });
    const headers = { "x-api-key": key, "mcp-session-id": String(begun.headers["mcp-session-id"]) };
    const call = { name: "everything.test_elicitation", arguments: { message: "Sure?" } };
    const stream = await fetch(`http://127.0.0.1:${beside.port}/mcp`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
    });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    const { id } = JSON.parse(/data: (.*)/.exec(value)?.[1] ?? "{}") as { id: string };
    const answered = await send(headers, { jsonrpc: "2.0", id, result: { action: "decline" } });
    expect(answered.status).toBe(202);
    let rest = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value;
    expect(rest).toContain("action=decline");
    expect((await send(headers, undefined, { method: "DELETE", at: port })).status).toBe(204);
    const ping = () => send(headers, { jsonrpc: "2.0", id: 2, method: "ping" }, { at: beside.port });
    await expect.poll(async () => (await ping()).status).toBe(404);
  });
});

describe("from where", () => {
  it.each([
    ["evil.example.com", undefined, 403],
    ["osf.example.com", undefined, 401],
    ["mes.example.com:8080", undefined, 401],
    ["localhost:8080", undefined, 401],
    ["127.0.0.1", undefined, 401],
    ["[::1]:8080", undefined, 401],
    ["10.1.2.3:8080", undefined, 401],
    ["localhost.evil.example.com", undefined, 403],
    ["localhost", "http://evil.example.com", 403],
    ["localhost", "null", 403],
    ["localhost", "http://localhost:6274", 401],
    ["localhost", "http://localhost.evil.com", 403],
    ["osf.example.com", "https://osf.example.com", 401],
    ["osf.example.com", "https://mes.example.com", 401],
    ["osf.example.com", "https://mes.example.com.evil.com", 403],
  ])("as %s, from a page of %s: %i", async (host, origin, status) => {
    const answered = await ask(undefined, "tools/list", {}, { host, ...(origin !== undefined && { origin }) });
    expect(answered.status).toBe(status);
    expect(answered.headers["access-control-allow-origin"]).toBe(status === 403 ? undefined : origin);
  });

  it("answers preflights of pages that may, with the headers that they will send", async () => {
    const preflight = (origin: string) =>
      send(
        { host: "localhost", origin, "access-control-request-headers": "authorization, mcp-param-lot, x-evil" },
        undefined,
        { method: "OPTIONS" },
      );
    const may = await preflight("https://mes.example.com");
    expect(may.status).toBe(204);
    expect(may.headers["access-control-allow-headers"]).toMatch(/Mcp-Session-Id.*mcp-param-lot/);
    expect(may.headers["access-control-allow-headers"]).not.toContain("x-evil");
    expect((await preflight("https://evil.example.com")).status).toBe(403);
  });
});
