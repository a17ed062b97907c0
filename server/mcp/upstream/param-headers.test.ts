import { describe, expect, it } from "vitest";
import { encodeHeaderValue } from "./header-value.ts";
import { paramHeaders, paramHeaderValues } from "./param-headers.ts";

const schema = (properties: Record<string, unknown>) => ({ type: "object", properties });

describe("declarations of headers", () => {
  it("are found at any depth of properties", () => {
    const nested = schema({
      a: { type: "string", "x-mcp-header": "A" },
      b: schema({ c: { type: "boolean", "x-mcp-header": "C" } }),
      properties: { type: "integer", "x-mcp-header": "P" },
    });
    expect(paramHeaders(nested)).toEqual([
      { path: ["a"], name: "A" },
      { path: ["b", "c"], name: "C" },
      { path: ["properties"], name: "P" },
    ]);
    expect(paramHeaders(schema({ plain: { type: "string" } }))).toEqual([]);
    expect(paramHeaders(undefined)).toEqual([]);
  });

  it.each([
    ["that are empty", schema({ a: { type: "string", "x-mcp-header": "" } })],
    ["with a line break", schema({ a: { type: "string", "x-mcp-header": "A\r\nX-Evil: 1" } })],
    ["on an object", schema({ a: { type: "object", "x-mcp-header": "A" } })],
    ["on a number", schema({ a: { type: "number", "x-mcp-header": "A" } })],
    ["on no type", schema({ a: { "x-mcp-header": "A" } })],
    [
      "twice, but for the case",
      schema({ a: { type: "string", "x-mcp-header": "A" }, b: { type: "string", "x-mcp-header": "a" } }),
    ],
    ["at the root", { type: "object", "x-mcp-header": "A" }],
    ["in items", schema({ a: { type: "array", items: { type: "string", "x-mcp-header": "A" } } })],
    ["in a branch", { anyOf: [schema({ a: { type: "string", "x-mcp-header": "A" } })] }],
    ["in a definition", { $defs: { a: { type: "string", "x-mcp-header": "A" } } }],
    ["below additional properties", { additionalProperties: schema({ a: { type: "string", "x-mcp-header": "A" } }) }],
  ])("make a tool unusable %s", (_, wrong) => expect(paramHeaders(wrong)).toEqual(expect.any(String)));
});

it("repeats plain values as headers, and leaves out what is absent, null or no plain value", () => {
  const declared = ["s", "i", "b", "n", "o", "deep.x", "toString"].map((path) => ({
    path: path.split("."),
    name: path,
  }));
  expect(paramHeaderValues(declared, { s: "Grüße", i: 42, b: false, n: null, o: {}, deep: { x: "y" } })).toEqual({
    "mcp-param-s": "=?base64?R3LDvMOfZQ==?=",
    "mcp-param-i": "42",
    "mcp-param-b": "false",
    "mcp-param-deep.x": "y",
  });
  expect(paramHeaderValues(declared, "no object")).toEqual({});
});

it.each(["", " padded ", "line\r\nbreak", "ü", "\u0000", "=?base64?eA==?="])(
  "wraps what a header cannot carry: %j",
  (value) => {
    const encoded = encodeHeaderValue(value);
    expect(encoded).toMatch(/^=\?base64\?[A-Za-z0-9+/=]*\?=$/);
    expect(Buffer.from(encoded.slice(9, -2), "base64").toString()).toBe(value);
  },
);
it.each(["plain", "us west 1", "a\tb", "wms.list"])("leaves plain text as it is: %j", (value) =>
  expect(encodeHeaderValue(value)).toBe(value),
);
