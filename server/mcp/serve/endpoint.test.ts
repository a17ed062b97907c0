import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definition } from "#tests/support/tool-gateway.ts";
import { startCountingUpstream, startMisbehavingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { askModern, messagesOf, startTestEndpoint, type TestEndpoint } from "./test-endpoint.ts";

let modern: TestUpstream;
let legacy: TestUpstream;
let dead: { url: string; stop(): Promise<void> };
let endpoint: TestEndpoint;
let mcp: string;
beforeAll(async () => {
  modern = await startCountingUpstream({ era: "modern" });
  legacy = await startCountingUpstream({ era: "legacy" });
  dead = await startMisbehavingUpstream("500");
  endpoint = await startTestEndpoint([
    definition("new", modern.url),
    definition("old", legacy.url),
    definition("dead", dead.url),
    definition("other", modern.url, { workspaceId: "wsp_2" }),
  ]);
  mcp = `${endpoint.url}/mcp`;
});
afterAll(async () => {
  await endpoint.stop();
  await Promise.all([modern.stop(), legacy.stop(), dead.stop()]);
});

const namesOf = ({ result }: { result?: { tools: { name: string }[] } }) => result?.tools.map(({ name }) => name);

describe("2026-07-28", () => {
  it("says what it is", async () => {
    const { result } = await askModern(mcp, "server/discover");
    expect(result).toMatchObject({
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true } },
      cacheScope: "private",
      _meta: { "io.modelcontextprotocol/serverInfo": { name: "osf-gateway", version: "1.2.3" } },
    });
  });

  it("lists tools of all servers that answer, prefixed, in one order, for this person alone", async () => {
    const listed = await askModern(mcp, "tools/list");
    expect(namesOf(listed)).toEqual(namesOf(listed)?.toSorted());
    expect(namesOf(listed)).toEqual(expect.arrayContaining(["new.book", "old.book"]));
    expect(namesOf(listed)?.some((name) => /^(dead|other)\./.test(name))).toBe(false);
    expect(listed.result).toMatchObject({ cacheScope: "private", ttlMs: expect.any(Number) });
  });

  it("lists to a viewer what a viewer may call", async () => {
    const listed = await askModern(mcp, "tools/list", {}, { token: "vera" });
    expect(namesOf(listed)).toEqual(["new.read_stock", "new.refuse", "old.read_stock", "old.refuse"]);
    const refused = await askModern(mcp, "tools/call", { name: "new.book", arguments: {} }, { token: "vera" });
    expect(refused.result).toMatchObject({ isError: true, _meta: { "osf/error": { code: "auth.role" } } });
  });

  it.each(["new", "old"])("calls a tool of %s, prefixed and not", async (server) => {
    const args = { material: "M-1" };
    const whole = await askModern(mcp, "tools/call", { name: `${server}.read_stock`, arguments: args });
    expect(whole.result).toMatchObject({ structuredContent: { material: "M-1", stock: 42 }, resultType: "complete" });
    const one = await askModern(`${mcp}/servers/${server}`, "tools/call", { name: "read_stock", arguments: args });
    expect(one.result).toMatchObject({ structuredContent: { material: "M-1", stock: 42 } });
    const listed = await askModern(`${mcp}/servers/${server}`, "tools/list");
    expect(namesOf(listed)).toContain("read_stock");
  });

  it("makes a failure that a model can do something about the tool's result, and no other", async () => {
    const wrong = await askModern(mcp, "tools/call", { name: "new.read_stock", arguments: { material: 1 } });
    expect(wrong.result).toMatchObject({ isError: true, _meta: { "osf/error": { code: "tool.arguments" } } });
    expect(wrong.result.content[0].text).toContain("material");
    for (const name of ["new.none", "none.read_stock", "other.read_stock", "dot", "constructor"])
      expect((await askModern(mcp, "tools/call", { name, arguments: {} })).error, name).toMatchObject({ code: -32602 });
    for (const [path, name] of [
      ["", "dead.any"],
      ["/servers/dead", "any"],
    ]) {
      const down = await askModern(mcp + path, "tools/call", { name, arguments: {} });
      expect(down.result, name).toMatchObject({
        isError: true,
        _meta: { "osf/error": { code: expect.stringMatching(/^tool\./) } },
      });
    }
    const rows = (await endpoint.gateway.audited()).filter(({ subject }) => subject === "dead.any");
    expect(rows).toMatchObject([{ outcome: "failed" }, { outcome: "failed" }]);
  });

  it.each(["new", "old"])(
    "passes progress of %s on, with the client's own token, where it wants it",
    async (server) => {
      const call = { name: `${server}.slow`, arguments: { ms: 60, steps: 3 } };
      const told = await askModern(mcp, "tools/call", call, { meta: { progressToken: "mine" } });
      expect(
        told.before.map(({ method, params }) => [method, params?.["progressToken"], params?.["progress"]]),
      ).toEqual([
        ["notifications/progress", "mine", 1],
        ["notifications/progress", "mine", 2],
      ]);
      expect(told.result).toMatchObject({ structuredContent: { done: true } });
      expect((await askModern(mcp, "tools/call", call)).before).toEqual([]);
    },
  );

  it.each(["new", "old"])("cancels at %s when the client goes away", async (server) => {
    const upstream = server === "new" ? modern : legacy;
    const gone = new AbortController();
    const before = upstream.calls().length;
    const asking = askModern(
      mcp,
      "tools/call",
      { name: `${server}.slow`, arguments: { ms: 60_000 } },
      { signal: gone.signal },
    );
    asking.catch(() => undefined);
    await expect.poll(() => upstream.calls().length).toBe(before + 1);
    gone.abort();
    await expect(asking).rejects.toThrow("abort");
    await expect.poll(() => upstream.cancelled()).toContain("slow");
  });

  it("knows no method that the revision does not have", async () => {
    for (const method of ["initialize", "ping", "logging/setLevel", "resources/subscribe", "made/up", "constructor"])
      for (const path of ["", "/servers/new"]) {
        const { status, error } = await askModern(mcp + path, method, {}, { id: "x" });
        expect([status, error?.code], method).toEqual([404, -32601]);
      }
  });

  it("refuses headers that do not say what the body says", async () => {
    const call = { name: "new.read_stock", arguments: { material: "M" } };
    const ask = (headers: Record<string, string>) => askModern(mcp, "tools/call", call, { headers });
    for (const headers of [
      { "mcp-method": "tools/list" },
      { "mcp-method": "TOOLS/CALL" },
      { "mcp-name": "new.book" },
      { "mcp-name": "=?base64?!!?=" },
      { "mcp-protocol-version": "2025-11-25" },
    ]) {
      const { status, error } = await ask(headers);
      expect([status, error?.code], JSON.stringify(headers)).toEqual([400, -32020]);
    }
    const encoded = `=?base64?${Buffer.from("new.read_stock").toString("base64")}?=`;
    expect((await ask({ "mcp-name": encoded })).status).toBe(200);
    expect((await ask({ "mcp-name": "  new.read_stock  " })).status).toBe(200);
  });

  it("names the revisions it has to who asks for another", async () => {
    const wanted = { "io.modelcontextprotocol/protocolVersion": "v999" };
    const { status, error } = await askModern(
      mcp,
      "server/discover",
      {},
      { meta: wanted, headers: { "mcp-protocol-version": "v999" } },
    );
    expect([status, error]).toMatchObject([
      400,
      { code: -32022, data: { supported: ["2026-07-28"], requested: "v999" } },
    ]);
  });
});

describe("who may", () => {
  it("answers 401 and where to get a token to whoever has none, or a wrong one", async () => {
    const bare = await fetch(mcp, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([401, 'Bearer path="/mcp" error="" scope=""']);
    const wrong = await askModern(`${mcp}/servers/new`, "tools/list", {}, { token: "nobody" });
    expect([wrong.status, wrong.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer path="/mcp/servers/new" error="invalid_token" scope=""',
    ]);
  });

  it("answers 403 and the scope to who lacks it", async () => {
    const door = await askModern(mcp, "tools/list", {}, { token: "without" });
    expect([door.status, door.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer path="/mcp" error="insufficient_scope" scope="mcp.use"',
    ]);
    const book = { name: "new.book", arguments: { material: "M", amount: 1 } };
    const call = await askModern(mcp, "tools/call", book, { token: "scoped" });
    expect([call.status, call.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer path="/mcp" error="insufficient_scope" scope="tool.write"',
    ]);
    expect(namesOf(await askModern(mcp, "tools/list", {}, { token: "scoped" }))).toContain("new.book");
  });

  it("has nothing for a stranger at the server of another workspace", async () => {
    for (const server of ["other", "none"]) {
      const { status, error } = await askModern(`${mcp}/servers/${server}`, "tools/list");
      expect([status, error?.message]).toEqual([404, "This MCP server does not exist"]);
    }
    expect((await askModern(`${mcp}/servers/other`, "tools/list", {}, { token: "stranger" })).status).toBe(200);
  });
});

describe("what comes in", () => {
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(mcp, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", authorization: "Bearer olga", ...headers },
    });
    return { status: response.status, ...(await messagesOf(response)) };
  };

  it("refuses what is no JSON, too large, too deep, a batch or of another type", async () => {
    expect(await post("{no")).toMatchObject({ status: 400, error: { code: -32700 } });
    expect(await post("[]")).toMatchObject({ status: 400, error: { code: -32600 } });
    expect(await post('{"a":1}')).toMatchObject({ status: 400, error: { code: -32600 } });
    expect(await post("{}", { "content-type": "text/plain" })).toMatchObject({ status: 415 });
    const deep = (levels: number) =>
      `{"jsonrpc":"2.0","method":"x","params":{"a":${"[".repeat(levels)}${"]".repeat(levels)}}}`;
    expect(await post(deep(200_000))).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining("100 levels") },
    });
    expect((await post(deep(50))).error?.message).not.toContain("levels");
    const brackets = JSON.stringify({ jsonrpc: "2.0", method: "x", params: { text: `\\"${"[".repeat(500)}` } });
    expect((await post(brackets)).error?.message).not.toContain("levels");
    expect(await post(`"${"x".repeat(4 * 1024 * 1024)}"`)).toMatchObject({ status: 413 });
  });

  it("leaves everything else below /mcp to others", async () => {
    const ask = async (path: string, method: string, accept = "*/*") =>
      (await fetch(endpoint.url + path, { method, headers: { accept } })).status;
    expect(await ask("/mcp", "GET", "text/html")).toBe(418);
    expect(await ask("/mcp/servers", "POST")).toBe(418);
    expect(await ask("/mcp/servers/new/tools", "POST")).toBe(418);
    expect(await ask("/mcp/request", "POST")).toBe(418);
    expect(await ask("/mcp", "PUT")).toBe(418);
    expect(await ask("/mcp", "GET", "text/event-stream")).toBe(401);
  });
});
