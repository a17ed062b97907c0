import { afterEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Json } from "../../exchange.ts";
import type { Peer } from "../peer.ts";
import { callTool, listTools, openWith } from "../service/test-open.ts";
import { startService, type TestService } from "../service/test-service.ts";
import { openOpenApiPeer } from "./open-openapi-peer.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
async function service(answer: Parameters<typeof startService>[0] = () => ({ ok: true })): Promise<TestService> {
  const started = await startService(answer);
  ends.push(() => started.stop());
  return started;
}
async function open(url: string, document: string | Json, ...more: [object?, Record<string, string>?]): Promise<Peer> {
  const peer = await openWith(openOpenApiPeer, url, { kind: "openapi", document }, ...more);
  ends.push(() => peer.close());
  return peer;
}

const json = (schema: Json) => ({ content: { "application/json": { schema } } });
const documentOf = (paths: Json, more: Json = {}): Json => ({
  openapi: "3.0.3",
  info: { title: "Shop", version: "2.0" },
  paths,
  ...more,
});
const SHOP = documentOf(
  {
    "/orders": {
      parameters: [{ $ref: "#/components/parameters/Site" }],
      get: {
        operationId: "listOrders",
        summary: "List orders",
        parameters: [
          { name: "state", in: "query", schema: { type: "array", items: { type: "string" } } },
          { name: "filter", in: "query", style: "deepObject", schema: { type: "object" } },
          { name: "X-Trace", in: "header", schema: { type: "string" } },
          { name: "Authorization", in: "header", schema: { type: "string" } },
        ],
        responses: { "200": json({ type: "array", items: { $ref: "#/components/schemas/Order" } }) },
      },
      post: {
        operationId: "createOrder",
        requestBody: { required: true, ...json({ $ref: "#/components/schemas/Order" }) },
        responses: { "201": json({ $ref: "#/components/schemas/Order" }) },
      },
    },
    "/orders/{id}/lines/{line}": {
      put: {
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "string" } },
          { name: "line", in: "path", required: true, schema: { type: "integer" } },
          { name: "id", in: "query", schema: { type: "integer", nullable: true } },
        ],
        requestBody: json({ type: "object", properties: { id: { type: "string" }, amount: { type: "number" } } }),
        responses: {},
      },
      delete: {
        operationId: "delete line!",
        deprecated: true,
        parameters: [
          { name: "id", in: "path", schema: { type: "string" } },
          { name: "line", in: "path", schema: { type: "integer" } },
        ],
        responses: {},
      },
    },
  },
  {
    components: {
      parameters: { Site: { name: "site", in: "query", required: true, schema: { type: "string" } } },
      schemas: {
        Order: {
          type: "object",
          required: ["material"],
          properties: {
            material: { type: "string", example: "M-1" },
            amount: { type: "number", minimum: 0, exclusiveMinimum: true },
            parent: { $ref: "#/components/schemas/Order" },
            note: { type: "string", nullable: true },
            elsewhere: { $ref: "http://127.0.0.1:1/schema.json" },
          },
        },
      },
    },
  },
);
const toolOf = async (peer: Peer, name: string) => (await listTools(peer)).find((tool) => tool["name"] === name)!;

describe("operations", () => {
  it("are tools with the names, classes and schemas that the document gives them", async () => {
    const peer = await open("http://shop.example", SHOP);
    expect((await listTools(peer)).map(({ name }) => name)).toEqual([
      "createOrder",
      "delete_line",
      "listOrders",
      "put_orders_id_lines_line",
    ]);
    expect(await toolOf(peer, "listOrders")).toMatchObject({
      title: "List orders",
      inputSchema: {
        type: "object",
        required: ["site"],
        additionalProperties: false,
        properties: { site: { type: "string" }, state: { type: "array" }, "X-Trace": { type: "string" } },
      },
      annotations: { readOnlyHint: true, idempotentHint: true },
    });
    expect(Object.keys((await toolOf(peer, "listOrders"))["inputSchema"] as Json)).not.toContain("Authorization");
    expect(await toolOf(peer, "put_orders_id_lines_line")).toMatchObject({
      annotations: { readOnlyHint: false, idempotentHint: true, destructiveHint: false },
      inputSchema: { required: ["id", "line"] },
    });
    expect(await toolOf(peer, "delete_line")).toMatchObject({
      description: expect.stringContaining("Deprecated."),
      annotations: { destructiveHint: true },
    });
  });

  it("have schemas in the words of JSON Schema, with circles, and nothing from elsewhere", async () => {
    const { inputSchema } = await toolOf(await open("http://shop.example", SHOP), "createOrder");
    expect(inputSchema).toEqual({
      type: "object",
      properties: {
        site: { type: "string" },
        material: { type: "string" },
        amount: { type: "number", exclusiveMinimum: 0 },
        parent: { $ref: "#/$defs/Order" },
        note: { type: ["string", "null"] },
        elsewhere: {},
      },
      required: ["site", "material"],
      additionalProperties: false,
      $defs: {
        Order: {
          type: "object",
          required: ["material"],
          properties: {
            material: { type: "string" },
            amount: { type: "number", exclusiveMinimum: 0 },
            parent: { $ref: "#/$defs/Order" },
            note: { type: ["string", "null"] },
            elsewhere: {},
          },
        },
      },
    });
  });

  it("have arguments of one name apart", async () => {
    const { inputSchema } = await toolOf(await open("http://shop.example", SHOP), "put_orders_id_lines_line");
    expect(Object.keys((inputSchema as { properties: Json }).properties)).toEqual(["id", "line", "id_query", "body"]);
  });

  it("say what shape an answer has, without demanding it", async () => {
    const peer = await open("http://shop.example", SHOP);
    expect((await toolOf(peer, "listOrders"))["outputSchema"]).toMatchObject({
      type: "object",
      properties: { items: { type: ["array", "null"], items: { $ref: "#/$defs/Order" } } },
    });
    const { outputSchema } = await toolOf(peer, "createOrder");
    expect(outputSchema).toMatchObject({ type: "object", properties: { material: { type: ["string", "null"] } } });
    expect(outputSchema).not.toHaveProperty("required");
  });
});

describe("a call", () => {
  it("is the request that the document describes", async () => {
    const shop = await service();
    const peer = await open(`${shop.url}/v2/`, SHOP);
    await callTool(
      peer,
      "listOrders",
      { site: "a b&c", state: ["late", "open"], filter: { from: "x", to: "y" }, "X-Trace": "t" },
      { Authorization: "Bearer secret" },
    );
    expect(shop.arrived[0]).toMatchObject({
      method: "GET",
      url: "/v2/orders?site=a%20b%26c&state=late&state=open&filter%5Bfrom%5D=x&filter%5Bto%5D=y",
      headers: { "x-trace": "t", authorization: "Bearer secret", "x-correlation-id": "req_1" },
    });
    await callTool(peer, "createOrder", { site: "s", material: "M-1", amount: 2 });
    expect(shop.arrived[1]).toMatchObject({
      method: "POST",
      url: "/v2/orders?site=s",
      headers: { "content-type": "application/json" },
      body: '{"material":"M-1","amount":2}',
    });
    await callTool(peer, "put_orders_id_lines_line", { id: "ä/b", line: 7, id_query: 3, body: { amount: 1 } });
    expect(shop.arrived[2]).toMatchObject({
      method: "PUT",
      url: "/v2/orders/%C3%A4%2Fb/lines/7?id=3",
      body: '{"amount":1}',
    });
  });

  it.each(["", ".", ".."])("is not made where %j would lead to another path", async (id) => {
    const shop = await service();
    const result = await callTool(await open(shop.url, SHOP), "delete_line", { id, line: 1 });
    expect(result).toMatchObject({ isError: true });
    expect(shop.arrived).toEqual([]);
  });

  it("lets no argument take the place of the credentials", async () => {
    const shop = await service();
    const document = documentOf({
      "/a": { get: { operationId: "a", parameters: [{ name: "X-Api-Key", in: "header", schema: {} }], responses: {} } },
    });
    await callTool(await open(shop.url, document), "a", { "X-Api-Key": "mine" }, { "x-api-key": "ours" });
    expect(shop.arrived[0]?.headers["x-api-key"]).toBe("ours");
  });

  it("sends forms, files and texts as they are described", async () => {
    const shop = await service();
    const body = (type: string, schema: Json) => ({
      post: {
        operationId: type.replaceAll(/\W/g, ""),
        requestBody: { content: { [type]: { schema } } },
        responses: {},
      },
    });
    const fields = {
      type: "object",
      properties: { name: { type: "string" }, file: { type: "string", format: "binary" } },
    };
    const peer = await open(
      shop.url,
      documentOf({
        "/form": body("application/x-www-form-urlencoded", { type: "object", properties: { a: {}, b: {} } }),
        "/multi": body("multipart/form-data", fields),
        "/text": body("text/plain", { type: "string" }),
      }),
    );
    await callTool(peer, "applicationxwwwformurlencoded", { a: "1 2", b: ["x", "y"] });
    await callTool(peer, "multipartformdata", { name: "n", file: Buffer.from("content").toString("base64") });
    await callTool(peer, "textplain", { body: "hello" });
    const [form, multi, plain] = shop.arrived;
    expect(form?.body).toBe("a=1+2&b=x&b=y");
    expect(multi?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(multi?.body).toMatch(/name="name"\r\n\r\nn\r\n[\s\S]*filename="file"[\s\S]*\r\n\r\ncontent\r\n/);
    expect(plain).toMatchObject({ body: "hello", headers: { "content-type": "text/plain" } });
  });

  it("answers what a client that knows the shape can read, whatever comes", async () => {
    const answers = [{ body: '[{"material":"M-1"}]' }, { headers: { "content-type": "text/plain" }, body: "none" }];
    const shop = await service(() => answers.shift()!);
    const peer = await open(shop.url, SHOP);
    const list = await callTool(peer, "listOrders", { site: "s" });
    expect(list["structuredContent"]).toEqual({ items: [{ material: "M-1" }] });
    expect((await callTool(peer, "listOrders", { site: "s" }))["structuredContent"]).toEqual({ text: "none" });
  });
});

describe("a document", () => {
  it("may lie at an address, in YAML, with its service beside it", async () => {
    const shop: TestService = await service(({ url }) =>
      url.startsWith("/docs/openapi.yaml")
        ? {
            headers: { "content-type": "application/yaml" },
            body: stringify({ ...SHOP, servers: [{ url: "/api/{v}", variables: { v: { default: "v3" } } }] }),
          }
        : { ok: true },
    );
    const address = `${shop.url}/docs/openapi.yaml?key=1`;
    const peer = await open(address, address, {}, { authorization: "Bearer t" });
    expect(shop.arrived[0]?.headers.authorization).toBe("Bearer t");
    expect(peer).toMatchObject({ serverInfo: { title: "Shop", version: "2.0" } });
    await callTool(peer, "createOrder", { site: "s", material: "M-1" });
    expect(shop.arrived[1]?.url).toBe("/api/v3/orders?site=s");
  });

  it("sends no credentials to a host that it names itself", async () => {
    const shop = await service(() => ({ ...SHOP, servers: [{ url: "https://evil.example/api" }] }));
    const address = `${shop.url}/openapi.json`;
    await expect(open(address, address)).rejects.toThrow("names another host (evil.example)");
  });

  it("is not read from a private address unless that was admitted", async () => {
    const shop = await service(() => SHOP);
    await expect(open(shop.url, `${shop.url}/openapi.json`, { policy: {} })).rejects.toThrow("not public");
    expect(shop.arrived).toEqual([]);
  });

  it.each([
    ["swagger: '2.0'", "OpenAPI 2.0"],
    ["[1, 2", "neither JSON nor YAML"],
    ["hello", "no OpenAPI document"],
    [`a: &a [x,x,x]\nb: &b [${"*a,".repeat(9)}*a]\nc: [${"*b,".repeat(99)}*b]`, "neither JSON nor YAML"],
  ])("that is none is said to be none: %j", async (text, words) => {
    await expect(open("http://shop.example", text)).rejects.toThrow(words);
  });

  it("of any depth or strangeness makes tools or none, and no fault", async () => {
    let deep: Json = { type: "string" };
    for (let n = 0; n < 200; n++) deep = { type: "object", properties: { a: deep } };
    const strange = documentOf({
      "/deep": { post: { requestBody: json(deep), responses: null } },
      "/loop": { $ref: "#/paths/~1loop" },
      "/odd": { get: { parameters: "none", responses: { "200": { $ref: "#/nowhere" } } }, post: 7 },
      nowhere: { get: {} },
    });
    const tools = await listTools(await open("http://shop.example", strange));
    expect(tools.map(({ name }) => name)).toEqual(["get_odd", "post_deep"]);
  });
});
