import { describe, expect, it } from "vitest";
import { curlOf, sampleOf } from "./curl.ts";
import { findOperations, readOperations, type OpenApiDocument, type Schema } from "./openapi.ts";
import { schemaRows } from "./schema-rows.ts";

const document: OpenApiDocument = {
  info: { title: "OSF Gateway", version: "1" },
  paths: {
    "/api/runs/{id}/cancel": {
      post: {
        operationId: "cancel",
        tags: ["Runs"],
        summary: "End a run now",
        description: "What it did stays.\n\nNeeds `run.cancel` (viewer).",
        security: [{ bearer: [] }],
        responses: { "200": { description: "Success" } },
      },
    },
    "/chat/completions": {
      post: {
        operationId: "ask",
        tags: ["Chat"],
        summary: "Ask",
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Ask" } } } },
        responses: { "200": { description: "Success", content: { "text/event-stream": { schema: {} } } } },
      },
    },
  },
};
const schemas: Record<string, Schema> = {
  Ask: {
    type: "object",
    required: ["message", "tier"],
    properties: {
      message: { type: "string", minLength: 1, maxLength: 10_000 },
      tier: { type: "string", enum: ["free", "premium"], default: "free" },
      sessionId: { type: "string" },
    },
  },
};
const operations = readOperations(document);

describe("operations", () => {
  it("take the permission out of the prose", () => {
    expect(operations[0]).toMatchObject({
      method: "POST",
      description: "What it did stays.",
      needs: { permission: "run.cancel", role: "viewer" },
      signedIn: true,
    });
    expect(operations[1]).toMatchObject({ needs: null, signedIn: false });
  });
  it("are found by any words of path, summary, tag and permission, grouped by tag", () => {
    expect(findOperations(operations, "RUN.cancel post").map(({ tag }) => tag)).toEqual(["Runs"]);
    expect(findOperations(operations, "").map(({ tag }) => tag)).toEqual(["Runs", "Chat"]);
    expect(findOperations(operations, "zebra")).toEqual([]);
  });
});

describe("schema rows", () => {
  const rows = (schema: Schema) =>
    schemaRows(schema, schemas).map(({ key, depth, type, required }) => [key, depth, type, required]);

  it("follow references and tell types, limits and values", () => {
    expect(schemaRows({ $ref: "#/components/schemas/Ask" }, schemas)).toMatchObject([
      { name: "message", type: "string", required: true, limits: ["1 to 10000 characters"] },
      { name: "tier", values: ["free", "premium"], limits: ['default "free"'] },
      { name: "sessionId", required: false },
    ]);
  });
  it("put what is in lists and nullable objects below them", () => {
    const error: Schema = { type: "object", properties: { code: { type: "string" } }, required: ["code"] };
    expect(
      rows({
        type: "object",
        required: ["items"],
        properties: { items: { type: "array", items: error }, last: { anyOf: [error, { type: "null" }] } },
      }),
    ).toEqual([
      ["items", 0, "array of object", true],
      ["items[].code", 1, "string", true],
      ["last", 0, "object or null", false],
      ["last.code", 1, "string", true],
    ]);
  });
  it("head each variant with what tells it apart", () => {
    const variant = (state: string): Schema => ({
      type: "object",
      properties: { state: { type: "string", const: state } },
      required: ["state"],
    });
    expect(rows({ oneOf: [variant("ok"), variant("unavailable")] })).toEqual([
      ["|0", 0, 'state: "ok"', false],
      ["|0.state", 1, '"ok"', true],
      ["|1", 0, 'state: "unavailable"', false],
      ["|1.state", 1, '"unavailable"', true],
    ]);
  });
  it("end where a schema contains itself", () => {
    const tree: Schema = { type: "object", properties: { children: { type: "array", items: { $ref: "#/x/Tree" } } } };
    expect(schemaRows(tree, { Tree: tree }).length).toBeLessThan(20);
  });
  it("are none for a schema that says nothing", () => {
    expect(rows({})).toEqual([]);
  });
});

describe("curl", () => {
  it("sends the required fields, keeps a stream open and quotes the body", () => {
    const ask = operations[1];
    expect(ask && curlOf(ask, schemas, "https://gw.example")).toBe(
      [
        `curl -N -X POST "https://gw.example/chat/completions" \\`,
        `  -H "Content-Type: application/json" \\`,
        `  -d '{"message":"<message>","tier":"free"}'`,
      ].join("\n"),
    );
  });
  it("signs in where that is needed and leaves the place of an id open", () => {
    const cancel = operations[0];
    expect(cancel && curlOf(cancel, schemas, "https://gw.example")).toBe(
      `curl -X POST "https://gw.example/api/runs/<id>/cancel" \\\n  -H "Authorization: Bearer $OSF_KEY"`,
    );
  });
  it("survives a schema that contains itself", () => {
    const tree: Schema = { type: "object", required: ["child"], properties: { child: { $ref: "#/x/Tree" } } };
    expect(JSON.stringify(sampleOf(tree, { Tree: tree })).length).toBeLessThan(200);
  });
});
