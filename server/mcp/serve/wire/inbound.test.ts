import { expect, it } from "vitest";
import { agreeOnParams, classify } from "./inbound.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const request = (params: object | undefined, method = "tools/list") => ({
  jsonrpc: "2.0",
  id: 1,
  method,
  ...(params && { params }),
});
const MODERN = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };

it("tells the eras apart by the body", () => {
  expect(classify(request({ _meta: META }), MODERN)).toMatchObject({ kind: "modern", meta: META });
  expect(classify(request({}), {})).toMatchObject({ kind: "legacy" });
  expect(classify(request(undefined), { "mcp-protocol-version": "2025-11-25" })).toMatchObject({ kind: "legacy" });
  expect(classify(request({}, "initialize"), {})).toMatchObject({ kind: "initialize" });
  expect(classify({ jsonrpc: "2.0", method: "notifications/initialized" }, {})).toMatchObject({
    kind: "legacy-notification",
  });
  expect(classify({ jsonrpc: "2.0", method: "x" }, { "mcp-protocol-version": "2026-07-28" })).toEqual({
    kind: "modern-notification",
  });
  expect(classify({ jsonrpc: "2.0", id: "a", result: {} }, {})).toMatchObject({ kind: "response", id: "a" });
});

it.each<[string, unknown, Record<string, string>, number]>([
  ["no envelope", request({}), MODERN, -32602],
  [
    "an envelope without capabilities",
    request({ _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }),
    MODERN,
    -32602,
  ],
  [
    "capabilities that are no object",
    request({ _meta: { ...META, "io.modelcontextprotocol/clientCapabilities": 1 } }),
    MODERN,
    -32602,
  ],
  [
    "a version that is no text",
    request({ _meta: { ...META, "io.modelcontextprotocol/protocolVersion": 1 } }),
    MODERN,
    -32602,
  ],
  ["no header of the version", request({ _meta: META }), { "mcp-method": "tools/list" }, -32020],
  ["no header of the method", request({ _meta: META }), { "mcp-protocol-version": "2026-07-28" }, -32020],
  [
    "no header of the name",
    request({ name: "a", _meta: META }, "tools/call"),
    { ...MODERN, "mcp-method": "tools/call" },
    -32020,
  ],
  ["a batch", [request({})], {}, -32600],
  ["an id that is none", { jsonrpc: "2.0", id: null, method: "x" }, {}, -32600],
  ["parameters that are a list", { jsonrpc: "2.0", id: 1, method: "x", params: [] }, {}, -32600],
  ["neither result nor error", { jsonrpc: "2.0", id: 1 }, {}, -32600],
])("refuses %s with 400", (_what, body, headers, code) => {
  expect(() => classify(body, headers)).toThrow(expect.objectContaining({ status: 400, code }));
});

it("wants no client info, and no name where the body has none", () => {
  expect(classify(request({ _meta: META }, "tools/call"), { ...MODERN, "mcp-method": "tools/call" })).toMatchObject({
    kind: "modern",
  });
});

const schema = {
  type: "object",
  properties: {
    lot: { type: "string", "x-mcp-header": "Lot" },
    at: { type: "object", properties: { line: { type: "integer", "x-mcp-header": "Line" } } },
    free: { type: "string" },
  },
};
it("compares arguments with the headers that their tool wants", () => {
  const args = { lot: "Ä-1", at: { line: 7 }, free: "x" };
  const lot = `=?base64?${Buffer.from("Ä-1").toString("base64")}?=`;
  expect(() => agreeOnParams(schema, args, { "mcp-param-lot": lot, "mcp-param-line": "7.0" })).not.toThrow();
  expect(() => agreeOnParams(schema, { free: "x" }, {})).not.toThrow();
  for (const headers of [
    { "mcp-param-lot": lot },
    { "mcp-param-lot": lot, "mcp-param-line": "8" },
    { "mcp-param-lot": "other", "mcp-param-line": "7" },
    { "mcp-param-lot": "=?base64?%%?=", "mcp-param-line": "7" },
    { "mcp-param-lot": lot, "mcp-param-line": "" },
  ])
    expect(() => agreeOnParams(schema, args, headers), JSON.stringify(headers)).toThrow(
      expect.objectContaining({ status: 400, code: -32020 }),
    );
});
