import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { operator } from "#tests/support/tool-gateway.ts";
import type { Exchange, Json } from "../exchange.ts";
import { explain } from "./failure.ts";
import { openHttpPeer } from "./http-peer.ts";
import type { Peer, PeerChange } from "./peer.ts";
import { DISCOVERED, introduced, sendEvents, sendJson, startRawServer } from "./test-raw-server.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).toReversed()) await end();
});

type Raw = Awaited<ReturnType<typeof startRawServer>>;
const raw = async (answer: Parameters<typeof startRawServer>[0]): Promise<Raw> => {
  const server = await startRawServer(answer);
  cleanup.push(() => server.stop());
  return server;
};
const peerTo = async ({ url }: Raw, headers: Record<string, string> = {}): Promise<Peer> => {
  const peer = await openHttpPeer({
    url,
    dial: { allow: [], privateNetwork: true },
    clientInfo: { name: "gateway", title: "Gateway", version: "1" },
    headers: async () => headers,
    connectMs: 2_000,
    signal: AbortSignal.timeout(10_000),
  });
  cleanup.push(() => peer.close());
  return peer;
};
const call = (more: Partial<Exchange> = {}): Exchange => ({
  caller: { actor: operator, through: { kind: "program" } },
  method: "tools/call",
  params: { name: "t", arguments: {} },
  capabilities: {},
  timeoutMs: 2_000,
  ...more,
});
const done = { content: [] };
/** Answers `server/discover`, and calls as said. */
const modern = (answer: Parameters<typeof startRawServer>[0]) =>
  raw((request, response) => (request.message.method === "server/discover" ? DISCOVERED : answer(request, response)));
/** With a session, and calls as said. */
const legacy = (answer: Parameters<typeof startRawServer>[0], capabilities?: Json) => {
  let sessions = 0;
  return raw((request, response) => {
    const { method } = request.message;
    if (method === "server/discover") return void response.writeHead(400).end("no session");
    if (method === "initialize") {
      response.setHeader("mcp-session-id", `s${++sessions}`);
      return introduced(undefined, capabilities);
    }
    return answer(request, response);
  });
};

describe("a server of 2026-07-28", () => {
  it("is told in each request and its headers what it is, who asks and what they can do", async () => {
    const server = await modern(() => done);
    const peer = await peerTo(server);
    const params = { name: "Grüße", arguments: {}, _meta: { "com.example/a": 1, progressToken: "not ours" } };
    await peer.request(call({ params, capabilities: { sampling: {} }, logLevel: "info" }), { "X-Own": "1" });
    const [{ headers, message }] = server.of("tools/call") as [Raw["requests"][0]];
    expect(headers).toMatchObject({
      "x-own": "1",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "=?base64?R3LDvMOfZQ==?=",
    });
    expect(message.params?.["_meta"]).toEqual({
      "com.example/a": 1,
      progressToken: message.id,
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "gateway", title: "Gateway", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": { sampling: {} },
      "io.modelcontextprotocol/logLevel": "info",
    });
  });

  it.each([
    ["larger than 16 MB", (response) => sendJson(response, { jsonrpc: "2.0", id: 2, result: { a: "x".repeat(17e6) } })],
    ["nested too deeply", (response) => response.end(`{"jsonrpc":"2.0","id":2,"result":{"a":${"[".repeat(5_000)}`)],
    ["not MCP", (response) => sendJson(response, { jsonrpc: "2.0", id: "another", result: {} })],
    ["not MCP", (response) => sendJson(response, { id: 2, result: {} })],
    ["not MCP", (response) => sendJson(response, null)],
    [
      "in the middle",
      (response) => sendEvents(response)({ jsonrpc: "2.0", method: "notifications/message" }) ?? response.end(),
    ],
  ] satisfies [string, (response: Parameters<Parameters<typeof startRawServer>[0]>[1]) => unknown][])(
    "whose answer is %s fails the request alone, at once",
    async (reason, answer) => {
      let broken = true;
      const server = await modern((_, response) => {
        if (!broken) return done;
        response.setHeader("content-type", "application/json");
        answer(response);
      });
      const peer = await peerTo(server);
      const failed = await peer.request(call(), {}).catch(explain);
      expect(failed).toMatchObject({ reason: expect.stringContaining(reason), mayHaveRun: true });
      broken = false;
      expect(await peer.request(call(), {})).toEqual(done);
    },
  );

  it("that only keeps its stream alive is given up in time", async () => {
    const server = await modern((_, response) => {
      sendEvents(response);
      const drip = setInterval(() => response.write(": still here\n\n"), 20);
      response.once("close", () => clearInterval(drip));
    });
    const peer = await peerTo(server);
    expect(await peer.request(call({ timeoutMs: 200 }), {}).catch(explain)).toMatchObject({ code: "tool.timeout" });
  });

  it("is followed to another place within its origin, with the request as it was", async () => {
    const moved = await raw((request, response) =>
      request.message.method === "server/discover"
        ? DISCOVERED
        : moved.of("tools/call").length > 1
          ? done
          : void response.writeHead(308, { location: "/elsewhere" }).end(),
    );
    const peer = await peerTo(moved);
    expect(await peer.request(call(), { Authorization: "Bearer a" })).toEqual(done);
    expect(moved.of("tools/call").map(({ headers }) => headers.authorization)).toEqual(["Bearer a", "Bearer a"]);
  });

  it.each([302, 307])(
    "is not followed to another origin, nor by a redirect that makes a GET of it: %i",
    async (status) => {
      const other = await modern(() => done);
      const location = status === 302 ? "/elsewhere" : other.url.href;
      const server = await modern((_, response) => void response.writeHead(status, { location }).end());
      const peer = await peerTo(server);
      expect(await peer.request(call(), { Authorization: "Bearer a" }).catch(explain)).toMatchObject({
        reason: "it redirects to another address, which is not followed",
      });
      expect(other.requests).toEqual([]);
    },
  );

  it.each([
    [401, 'Bearer resource_metadata="https://x/.well-known"', { code: "upstream.auth", mayHaveRun: false }],
    [403, 'Bearer error="insufficient_scope", scope="a"', { code: "upstream.auth", mayHaveRun: false }],
    [429, null, { code: "tool.protocol", mayHaveRun: false, status: 429 }],
    [503, null, { code: "tool.protocol", mayHaveRun: false, status: 503 }],
    [500, null, { code: "tool.protocol", mayHaveRun: true, status: 500 }],
  ])("that answers %i says whether the request may have run", async (status, wwwAuthenticate, expected) => {
    const server = await modern(
      (_, response) =>
        void response.writeHead(status, wwwAuthenticate ? { "www-authenticate": wwwAuthenticate } : {}).end("{}"),
    );
    const failed = explain(await (await peerTo(server)).request(call(), {}).catch((error: unknown) => error));
    expect(failed).toMatchObject(expected);
    if (wwwAuthenticate) expect(failed.challenge).toEqual({ status, wwwAuthenticate });
  });

  it("announces changes of what is watched, also after its stream broke", async () => {
    const listening: ((message: unknown) => void)[] = [];
    let breakOff = () => undefined as void;
    const server = await modern(({ message }, response) => {
      if (message.method !== "subscriptions/listen") return done;
      const send = sendEvents(response);
      send({ jsonrpc: "2.0", method: "notifications/subscriptions/acknowledged", params: {} });
      listening.push(send);
      breakOff = () => void response.destroy();
    });
    const peer = await peerTo(server);
    const heard: PeerChange[] = [];
    peer.onChange((change) => heard.push(change));
    expect(server.of("subscriptions/listen")).toEqual([]); // no list changes, nothing is watched
    await peer.watch("plant://oee");
    const updated = { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "plant://oee" } };
    listening.at(-1)!(updated);
    await vi.waitFor(() => expect(heard).toEqual([{ kind: "resource", uri: "plant://oee" }]));
    breakOff();
    await vi.waitFor(() => expect(listening).toHaveLength(2), 5_000);
    listening.at(-1)!(updated);
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(server.of("subscriptions/listen").map(({ message }) => message.params?.["notifications"])).toEqual([
      { resourceSubscriptions: ["plant://oee"] },
      { resourceSubscriptions: ["plant://oee"] },
    ]);
  });
});

describe("a server of 2025", () => {
  it.each(["2025-11-25", "2025-06-18", "2025-03-26"])("is spoken to in its own revision: %s", async (revision) => {
    const server = await raw(({ message }, response) => {
      if (message.method === "server/discover")
        return sendJson(response, { jsonrpc: "2.0", id: message.id, error: { code: -32_601, message: "no" } });
      return message.method === "initialize"
        ? introduced(revision)
        : message.method === "tools/call"
          ? done
          : undefined;
    });
    const peer = await peerTo(server, { Authorization: "Bearer gateway" });
    expect(peer.protocol).toBe(revision);
    await peer.request(call(), {});
    expect(server.of("tools/call")[0]?.headers["mcp-protocol-version"]).toBe(revision);
    expect(server.of("initialize")[0]?.headers.authorization).toBe("Bearer gateway");
    expect(server.of("notifications/initialized")).toHaveLength(1);
  });

  it("that speaks another revision alone is no use, and says so", async () => {
    const server = await raw(({ message }, response) =>
      message.method === "initialize" ? introduced("1999-01-01") : void response.writeHead(404).end(),
    );
    await expect(peerTo(server)).rejects.toThrow("1999-01-01");
  });

  it("that has forgotten the session gets a new one, and the request once more", async () => {
    const forgotten = new Set<unknown>(["s1"]);
    const server = await legacy(({ message, headers }, response) => {
      if (message.method !== "tools/call") return undefined;
      if (!forgotten.has(headers["mcp-session-id"])) return done;
      return sendJson(response, { jsonrpc: "2.0", id: message.id, error: { code: -32_001, message: "who?" } }, 404);
    });
    const peer = await peerTo(server);
    expect(await peer.request(call(), {})).toEqual(done);
    expect(server.of("initialize")).toHaveLength(2);
    for (let i = 2; i < 20; i++) forgotten.add(`s${i}`);
    expect(await peer.request(call(), {}).catch((error: unknown) => explain(error))).toMatchObject({
      mayHaveRun: false,
    });
    expect(server.of("tools/call")).toHaveLength(4);
  });

  it("whose answer breaks off is asked for the rest, from the last event on, and not called again", async () => {
    const server = await legacy(({ message, method, headers }, response) => {
      if (message.method === "tools/call") {
        sendEvents(response)(undefined, "e1");
        return void setTimeout(() => response.destroy(), 20);
      }
      if (method !== "GET" || !headers["last-event-id"]) return undefined;
      const { id } = server.of("tools/call")[0]!.message;
      const send = sendEvents(response);
      if (headers["last-event-id"] === "e1") send(undefined, "e2");
      else send({ jsonrpc: "2.0", id, result: done }, "e3");
      response.end();
    });
    const peer = await peerTo(server);
    expect(await peer.request(call({ timeoutMs: 8_000 }), {})).toEqual(done);
    expect(server.of("tools/call")).toHaveLength(1);
  });

  it("whose questions come on the stream of the session has them answered by the call they are for", async () => {
    const streams = new Map<unknown, (message: unknown) => void>();
    const waiting = new Map<unknown, { finish(text: unknown): void }>();
    const server = await legacy(({ message, method, headers }, response) => {
      const session = headers["mcp-session-id"];
      if (method === "GET") return void streams.set(session, sendEvents(response));
      if (message.method === "tools/call") {
        streams.get(session)!({ jsonrpc: "2.0", id: `q-${session}`, method: "elicitation/create", params: {} });
        const { id } = message;
        const finish = (text: unknown) =>
          sendJson(response, { jsonrpc: "2.0", id, result: { content: [{ type: "text", text }] } });
        return void waiting.set(session, { finish });
      }
      if (message.result) {
        response.writeHead(202).end();
        waiting.get(session)!.finish(message.result["who"]);
      }
      return undefined;
    });
    const peer = await peerTo(server);
    const people = ["Anna", "Ben", "Cem"];
    const asked = people.map((who) =>
      peer.request(call({ capabilities: { elicitation: { form: {} } }, ask: async () => ({ who }) }), {}),
    );
    expect((await Promise.all(asked)).map(({ content }) => (content as [{ text: string }])[0].text)).toEqual(people);
    expect(server.of("initialize").map(({ message }) => message.params?.["capabilities"])).toEqual([
      {},
      ...people.map(() => ({ elicitation: { form: {} } })),
    ]);
  });

  it("that asks somebody who cannot be asked is refused", async () => {
    const refused = Promise.withResolvers<unknown>();
    const server = await legacy(({ message }, response) => {
      if (message.error) {
        response.writeHead(202).end();
        return refused.resolve(message.error);
      }
      if (message.method !== "tools/call") return undefined;
      const send = sendEvents(response);
      send({ jsonrpc: "2.0", id: 77, method: "sampling/createMessage", params: {} });
      send({ jsonrpc: "2.0", id: message.id, result: done });
      response.end();
    });
    const peer = await peerTo(server);
    await peer.request(call(), {});
    expect(await refused.promise).toMatchObject({ code: -32_601 });
  });

  it("is asked to announce a resource, again after it has forgotten the session", async () => {
    const forgotten = new Set<unknown>();
    const server = await legacy(({ message, headers, method }, response) => {
      if (forgotten.has(headers["mcp-session-id"])) return void response.writeHead(404).end();
      if (method === "GET") return void sendEvents(response);
      return message.id === undefined ? undefined : {};
    });
    const peer = await peerTo(server);
    await peer.watch("plant://oee");
    forgotten.add("s1");
    await peer.request(call(), {});
    expect(server.of("resources/subscribe").map(({ headers }) => headers["mcp-session-id"])).toEqual(["s1", "s2"]);
  });

  it("is told that a session ends", async () => {
    const server = await legacy(({ message }) => (message.id === undefined ? undefined : {}));
    const peer = await peerTo(server);
    await peer.close();
    expect(server.requests.filter(({ method }) => method === "DELETE")).toMatchObject([
      { headers: { "mcp-session-id": "s1" } },
    ]);
  });
});

it("holds no stream of a session that was lost while something was under way", async () => {
  const forgotten = new Set<unknown>();
  const streams = new Set<ServerResponse>();
  const server = await legacy(({ method, headers, message }, response) => {
    if (method === "GET") {
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return void sendEvents(response)(undefined);
    }
    if (method === "DELETE") return void response.writeHead(200).end();
    if (forgotten.has(headers["mcp-session-id"])) return void response.writeHead(404).end();
    if (message.method !== "tools/call" || message.params?.["name"] === "fast") return message.id ? done : undefined;
    setTimeout(() => sendJson(response, { jsonrpc: "2.0", id: message.id, result: done }), 200);
  });
  const peer = await peerTo(server);
  for (const session of ["s1", "s2", "s3"]) {
    await vi.waitFor(() => expect(streams.size).toBe(1));
    const slow = peer.request(call(), {});
    await vi.waitFor(() => expect(server.of("tools/call").at(-1)?.headers["mcp-session-id"]).toBe(session));
    forgotten.add(session);
    await peer.request(call({ params: { name: "fast", arguments: {} } }), {});
    expect(await slow).toEqual(done);
  }
  await vi.waitFor(() => expect(streams.size).toBe(1));
});
