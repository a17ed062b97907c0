import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomBytes } from "node:crypto";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { startEverything, type Fixture } from "#tests/conformance/server/everything.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import { createSealer } from "../wire/sealed.ts";
import { createSessions } from "./sessions.ts";
import { messagesOf, OLGA, startTestEndpoint, type TestEndpoint } from "../test-endpoint.ts";

let upstream: TestUpstream;
let everything: Fixture;
let endpoint: TestEndpoint;
beforeAll(async () => {
  upstream = await startCountingUpstream({ era: "legacy" });
  everything = await startEverything("modern");
  endpoint = await startTestEndpoint([definition("plant", upstream.url), definition("asks", everything.url)]);
});
afterAll(async () => {
  await endpoint.stop();
  await Promise.all([upstream.stop(), everything.stop()]);
});

interface How {
  token?: string;
  session?: string | null;
  path?: string;
  headers?: Record<string, string>;
  method?: string;
}
const send = (
  message: object | undefined,
  { token = "olga", session, path = "/mcp", headers, method = "POST" }: How = {},
) =>
  fetch(endpoint.url + path, {
    method,
    headers: {
      ...(message && { "content-type": "application/json" }),
      accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      ...(session && { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" }),
      ...headers,
    },
    ...(message && { body: JSON.stringify({ jsonrpc: "2.0", ...message }) }),
  });
const initialize = async ({
  capabilities = {},
  protocolVersion = "2025-11-25",
  ...how
}: How & { capabilities?: object; protocolVersion?: string } = {}) => {
  const response = await send(
    { id: 0, method: "initialize", params: { protocolVersion, capabilities, clientInfo: { name: "t", version: "1" } } },
    how,
  );
  return { session: response.headers.get("mcp-session-id"), ...(await messagesOf(response)) };
};
const ping = async (how: How) => {
  const response = await send({ id: 1, method: "ping" }, how);
  return { status: response.status, ...(await messagesOf(response)) };
};

describe("a session", () => {
  it("begins with a revision that both have", async () => {
    for (const [asked, agreed] of [
      ["2025-11-25", "2025-11-25"],
      ["2025-06-18", "2025-06-18"],
      ["2025-03-26", "2025-03-26"],
      ["2099-01-01", "2025-11-25"],
    ])
      expect((await initialize({ protocolVersion: asked! })).result).toMatchObject({
        protocolVersion: agreed,
        serverInfo: { name: "osf-gateway" },
      });
  });

  it("is that of the person, credential and endpoint that made it", async () => {
    const { session } = await initialize();
    expect(await ping({ session })).toMatchObject({ status: 200, result: {} });
    for (const other of [
      { token: "vera" },
      { token: "stranger" },
      { token: "olga-again" },
      { path: "/mcp/servers/plant" },
    ])
      expect(await ping({ session, ...other }), JSON.stringify(other)).toMatchObject({
        status: 404,
        error: { code: -32001 },
      });
    const anew = `${session!.slice(0, -2)}AA`;
    for (const wrong of [anew, "guessed", `${session}x`]) expect((await ping({ session: wrong })).status).toBe(404);
    expect((await ping({})).status).toBe(400);
    expect((await ping({ session, token: "nobody" })).status).toBe(401);
  });

  it("is over when the client ends it", async () => {
    const { session } = await initialize();
    expect((await send(undefined, { session, method: "DELETE", token: "vera" })).status).toBe(404);
    expect((await send(undefined, { session, method: "DELETE" })).status).toBe(204);
    expect((await ping({ session })).status).toBe(404);
    expect((await send(undefined, { session, method: "GET" })).status).toBe(404);
  });

  it("does not speak a revision that it did not agree on", async () => {
    const { session } = await initialize();
    expect((await ping({ session, headers: { "mcp-protocol-version": "1999-01-01" } })).status).toBe(400);
    for (const method of ["server/discover", "subscriptions/listen", "made/up"]) {
      const answered = await send({ id: 1, method }, { session });
      // A status of 404 would say that the session is lost.
      expect([answered.status, await messagesOf(answered)], method).toMatchObject([200, { error: { code: -32601 } }]);
    }
  });

  it("never shows a session id of an upstream", async () => {
    const { session } = await initialize({ path: "/mcp/servers/plant" });
    const response = await send(
      { id: 1, method: "tools/call", params: { name: "read_stock", arguments: { material: "M" } } },
      { session, path: "/mcp/servers/plant" },
    );
    expect(response.headers.get("mcp-session-id")).toBeNull();
    expect((await messagesOf(response)).result).toMatchObject({ structuredContent: { stock: 42 } });
  });

  it("cancels a request by its id, without an answer", async () => {
    const { session } = await initialize();
    const before = upstream.calls().length;
    const call = send(
      { id: "c", method: "tools/call", params: { name: "plant.slow", arguments: { ms: 60_000 } } },
      { session },
    );
    await expect.poll(() => upstream.calls().length).toBe(before + 1);
    const other = await initialize();
    const cancel = { method: "notifications/cancelled", params: { requestId: "c" } };
    await send(cancel, { session: other.session });
    expect(upstream.cancelled()).not.toContain("slow");
    expect((await send(cancel, { session })).status).toBe(202);
    expect(await messagesOf(await call)).toEqual({ before: [] });
    await expect.poll(() => upstream.cancelled()).toContain("slow");
  });

  it("says of what was under way that the session has ended", async () => {
    const { session } = await initialize();
    const before = upstream.calls().length;
    const call = send(
      { id: "e", method: "tools/call", params: { name: "plant.slow", arguments: { ms: 60_000 } } },
      { session },
    );
    await expect.poll(() => upstream.calls().length).toBe(before + 1);
    await send(undefined, { session, method: "DELETE" });
    expect(await messagesOf(await call)).toMatchObject({ id: "e", error: { message: "The session has ended" } });
  });

  it("takes answers to its questions from itself alone, once", async () => {
    const { session } = await initialize({ capabilities: { elicitation: {} } });
    const stranger = await initialize({ token: "stranger", capabilities: { elicitation: {} } });
    const call = await send(
      { id: 5, method: "tools/call", params: { name: "asks.test_elicitation", arguments: { message: "Sure?" } } },
      { session },
    );
    const reader = call.body!.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    const question = JSON.parse(/data: (.*)/.exec(value)![1]!) as { id: string; method: string };
    expect(question).toMatchObject({ method: "elicitation/create", params: { message: "Sure?" } });
    const answer = (action: string) => ({ id: question.id, result: { action } });
    expect((await send(answer("cancel"), { session: stranger.session, token: "stranger" })).status).toBe(202);
    expect((await send(answer("cancel"), { session, token: "stranger" })).status).toBe(404);
    expect((await send(answer("decline"), { session })).status).toBe(202);
    let rest = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value;
    expect(rest).toContain("action=decline");
    expect((await send(answer("accept"), { session })).status).toBe(202);
  });

  it("is asked nothing that it did not declare", async () => {
    const { session } = await initialize();
    const answered = await send(
      { id: 5, method: "tools/call", params: { name: "asks.test_elicitation", arguments: { message: "Sure?" } } },
      { session },
    );
    const { error, result, before } = await messagesOf(answered);
    expect(before).toEqual([]);
    expect(error?.code === -32021 || result?.isError === true).toBe(true);
  });

  it("tells no more log than its level", async () => {
    const { session } = await initialize();
    const logged = async () => {
      const answered = await send(
        { id: 9, method: "tools/call", params: { name: "asks.test_tool_with_logging" } },
        { session },
      );
      return (await messagesOf(answered)).before.filter(({ method }) => method === "notifications/message").length;
    };
    const level = async (name: string) =>
      messagesOf(await send({ id: 2, method: "logging/setLevel", params: { level: name } }, { session }));
    await level("info");
    expect(await logged()).toBe(3);
    await level("error");
    expect(await logged()).toBe(0);
    expect(await level("loud")).toMatchObject({ error: { code: -32602 } });
  });
});

describe("all sessions", () => {
  const clock = { at: 1_000_000, now: () => new Date(clock.at) };
  const agreed = { protocol: "2025-11-25", capabilities: { roots: {} }, client: { name: "t", version: "1" } };

  it("go on in another process, and end in all", () => {
    const sealer = createSealer(randomBytes(32));
    const ended: string[] = [];
    const one = createSessions({ sealer, clock, ended: (hash) => ended.push(hash) });
    const other = createSessions({ sealer, clock });
    const { id } = one.create(OLGA, "/mcp", agreed);
    expect(other.find(OLGA, "/mcp", id)).toMatchObject(agreed);
    one.end(one.find(OLGA, "/mcp", id));
    other.forget(ended[0]!);
    for (const sessions of [one, other]) expect(() => sessions.find(OLGA, "/mcp", id)).toThrow("not found");
  });

  it("are remembered to have ended, the last twenty thousand of all processes", () => {
    const sessions = createSessions({ sealer: createSealer(randomBytes(32)), clock });
    const [first, last] = [sessions.create(OLGA, "/mcp", agreed), sessions.create(OLGA, "/mcp", agreed)];
    sessions.end(first);
    for (let i = 0; i < 19_999; i++) sessions.forget(`of another process ${i}`);
    sessions.end(last);
    expect(() => sessions.find(OLGA, "/mcp", last.id)).toThrow("not found");
    expect(sessions.find(OLGA, "/mcp", first.id)).toMatchObject(agreed); // forgotten: they do not add up for ever
  });

  it("leave the process when nobody uses them, and come back when somebody does", () => {
    const sessions = createSessions({ sealer: createSealer(randomBytes(32)), clock });
    const { id } = sessions.create(OLGA, "/mcp", agreed);
    clock.at += 31 * 60_000;
    sessions.create(OLGA, "/mcp", agreed);
    expect(sessions.size).toBe(1);
    expect(sessions.find(OLGA, "/mcp", id).capabilities).toEqual({ roots: {} });
    clock.at += 8 * 24 * 3_600_000;
    expect(() => sessions.find(OLGA, "/mcp", id)).toThrow("not found");
  });

  it("are bounded in number and size", () => {
    const sessions = createSessions({ sealer: createSealer(randomBytes(32)), clock });
    for (let i = 0; i < 5_050; i++) sessions.create(OLGA, "/mcp", agreed);
    expect(sessions.size).toBeLessThanOrEqual(5_000);
    const large = { ...agreed, capabilities: { experimental: { text: "x".repeat(5_000) } } };
    expect(() => sessions.create(OLGA, "/mcp", large)).toThrow("too large");
  });
});
