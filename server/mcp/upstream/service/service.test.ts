import { afterEach, describe, expect, it } from "vitest";
import type { ServiceOperation } from "../../definition.ts";
import type { Peer } from "../peer.ts";
import { METADATA_KEY, openServicePeer } from "./open-service-peer.ts";
import { readDefinition } from "./read-definition.ts";
import { callTool, listTools, openWith } from "./test-open.ts";
import { startService, type TestService } from "./test-service.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
async function service(answer: Parameters<typeof startService>[0]): Promise<TestService> {
  const started = await startService(answer);
  ends.push(() => started.stop());
  return started;
}
async function open(url: string, operations: ServiceOperation[] = [], ...more: [object?, Record<string, string>?]) {
  const peer: Peer = await openWith(openServicePeer, url, { kind: "service", operations }, ...more);
  ends.push(() => peer.close());
  return peer;
}
const stock: ServiceOperation = {
  name: "stock/read",
  inputSchema: { type: "object", properties: { material: { type: "string" } } },
  annotations: { readOnlyHint: true },
};

it("asks a service for its definition, with the credentials, and offers each operation as a tool", async () => {
  const erp = await service(() => ({
    service: { name: "erp", version: "3.1", description: "Orders" },
    operations: {
      list_orders: { description: "All orders", parameters: { limit: { type: "integer", required: true } } },
      cancel: { parameters: [{ name: "id", type: "string", required: true }], annotations: { destructiveHint: true } },
      "../admin": {},
    },
  }));
  const peer = await open(`${erp.url}/base/`, [], {}, { authorization: "Bearer t" });
  expect(erp.arrived).toMatchObject([{ url: "/base/api/definition", headers: { authorization: "Bearer t" } }]);
  expect(peer).toMatchObject({ serverInfo: { name: "erp", version: "3.1" }, instructions: "Orders" });
  expect(await listTools(peer)).toEqual([
    {
      name: "cancel",
      inputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
      annotations: { destructiveHint: true },
    },
    {
      name: "list_orders",
      description: "All orders",
      inputSchema: { type: "object", properties: { limit: { type: "integer" } }, required: ["limit"] },
    },
  ]);
});

it("posts a call with its parameters, metadata, correlation and credentials, and answers what it answers", async () => {
  const wms = await service(() => ({ stock: 42 }));
  const peer = await open(wms.url, [stock]);
  const params = {
    name: "stock/read",
    arguments: { material: "M-1" },
    _meta: { [METADATA_KEY]: { priority: "high" }, "osf/idempotency-key": "k1" },
  };
  const result = await callTool(peer, "stock/read", {}, { "X-API-Key": "secret" }, { params });
  expect(result).toEqual({
    content: [{ type: "text", text: '{"stock":42}' }],
    structuredContent: { stock: 42 },
    isError: false,
  });
  const [sent] = wms.arrived;
  expect(sent).toMatchObject({
    method: "POST",
    url: "/api/stock/read",
    headers: {
      "x-api-key": "secret",
      "x-correlation-id": "req_1",
      "x-agent-id": "usr_1",
      "content-type": "application/json",
    },
  });
  expect(JSON.parse(sent!.body)).toMatchObject({
    id: "req_1",
    operation: "stock/read",
    parameters: { material: "M-1" },
    metadata: { priority: "high", idempotencyKey: "k1", through: "page" },
  });
});

describe("what goes wrong", () => {
  it("is a failed result where the caller is to blame", async () => {
    const wms = await service(() => ({ status: 422, body: '{"error":"no such material"}' }));
    const result = await callTool(await open(wms.url, [stock]), "stock/read", {});
    expect(result).toEqual({
      content: [{ type: "text", text: 'HTTP 422: {"error":"no such material"}' }],
      isError: true,
    });
  });

  it.each([
    [{ status: 500, body: '{"error":"disk full"}' }, "tool.protocol", true, 'HTTP 500: {"error":"disk full"}'],
    [{ status: 503, headers: { "content-type": "text/html" }, body: "<h1>" }, "tool.protocol", false, "HTTP 503"],
    [{ status: 429, body: "slow down" }, "tool.protocol", false, "HTTP 429"],
    [{ status: 307, headers: { location: "http://127.0.0.1:1/" }, body: "" }, "tool.protocol", false, "redirects"],
    [{ status: 401, body: "" }, "upstream.auth", false, "credentials"],
    [{ hang: true as const }, "tool.timeout", true, "no answer within 0.2 s"],
  ])("is an error of the upstream for %j", async (answer, code, mayHaveRun, words) => {
    const wms = await service(() => answer);
    const call = callTool(await open(wms.url, [stock]), "stock/read", {}, {}, { timeoutMs: 200 });
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ kind: "upstream", code, hints: { extra: { mayHaveRun } } });
    expect((error as Error).message).toContain(words);
  });

  it("tells a service that is away from one that broke off", async () => {
    const wms = await service(() => ({}));
    const peer = await open(wms.url, [stock]);
    await wms.stop();
    ends.splice(0, 1);
    await expect(callTool(peer, "stock/read", {})).rejects.toMatchObject({
      code: "tool.unreachable",
      hints: { extra: { mayHaveRun: false } },
    });
  });

  it("rejects with the caller's reason where the caller gives up", async () => {
    const wms = await service(() => ({ hang: true }));
    const peer = await open(wms.url, [stock]);
    const abort = new AbortController();
    const call = callTool(peer, "stock/read", {}, {}, { signal: abort.signal });
    await expect.poll(() => wms.arrived.length).toBe(1);
    abort.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
  });

  it("is said of a definition that is none", async () => {
    const text = await service(() => ({ headers: {}, body: "hello" }));
    await expect(open(text.url)).rejects.toThrow("its definition is not JSON");
    const empty = await service(() => ({ hello: 1 }));
    await expect(open(empty.url)).rejects.toThrow("its definition names no operations");
    const none = await service(() => ({ status: 404, body: "" }));
    await expect(open(none.url)).rejects.toThrow("HTTP 404");
  });
});

it("is not reached at a private address unless that was admitted", async () => {
  const wms = await service(() => ({ operations: [] }));
  await expect(open(wms.url, [], { policy: {} })).rejects.toThrow("not public");
  const peer = await open(wms.url, [stock], { policy: {} });
  await expect(callTool(peer, "stock/read", {})).rejects.toThrow("not public");
  expect(wms.arrived).toEqual([]);
});

it("answers lists as items, texts as they are, and pictures as pictures", async () => {
  const answers: Record<string, object> = {
    list: { body: "[1,2]" },
    text: { headers: { "content-type": "text/plain" }, body: "hello" },
    picture: { headers: { "content-type": "image/png" }, body: Buffer.from([1, 2, 3]) },
    nothing: { status: 204, body: "" },
  };
  const one = await service(({ url }) => answers[url.split("/").at(-1)!]!);
  const peer = await open(
    one.url,
    Object.keys(answers).map((name) => ({ name, inputSchema: { type: "object" } })),
  );
  expect(await callTool(peer, "list", {})).toMatchObject({ structuredContent: { items: [1, 2] } });
  expect(await callTool(peer, "text", {})).toEqual({ content: [{ type: "text", text: "hello" }], isError: false });
  expect(await callTool(peer, "picture", {})).toMatchObject({
    content: [{ type: "image", data: "AQID", mimeType: "image/png" }],
  });
  expect(await callTool(peer, "nothing", {})).toMatchObject({ content: [{ text: "HTTP 204" }], isError: false });
});

it("reads definitions in all forms in use, and nothing else", () => {
  const names = (value: unknown) => readDefinition(value)?.operations.map(({ name }) => name);
  expect(names({ operations: ["a", { name: "b" }, { operation: "c" }, { title: "no name" }, 7] })).toEqual([
    "a",
    "b",
    "c",
  ]);
  expect(names({ tools: [{ name: "x" }] })).toEqual(["x"]);
  expect(names({ operations: { ok: {}, "a b": {}, "a/../b": {} } })).toEqual(["ok"]);
  for (const wrong of [null, [], "text", {}, { name: "x" }]) expect(readDefinition(wrong)).toBeNull();
});
