import { describe, expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { scriptedOsf } from "../test/scripted-osf.ts";

const shape = [
  { name: "machine_id", type: "string", required: true },
  { name: "limit", type: "integer" },
  { name: "ratio", type: "number" },
  { name: "open", type: "boolean" },
  { name: "range", type: "object" },
  { name: "lines", type: "array" },
];
const config = { type: "osf-mcp-fertigung", tool: "fertigung.list_oee", shape };
const arg = (name: string, value: string, type = "str") => ({ name, value, type });

it("calls the tool with arguments from typed inputs, each as the kind that the tool wants", async () => {
  const osf = scriptedOsf({ tool: () => ({ value: [{ oee: 84 }], text: "84 %" }) });
  const { give } = await host(osf, {
    ...config,
    args: [
      arg("machine_id", "payload.machine", "msg"),
      arg("limit", "5"),
      arg("ratio", "payload.ratio * 2", "jsonata"),
      arg("open", "true", "bool"),
      arg("range", '{"from": "2026-01-01"}'),
      arg("lines", "lines", "msg"),
    ],
  });
  const { out, statuses } = await give({ payload: { machine: 7, ratio: 0.4 }, lines: ["L1"], order: 7 });
  const args = { machine_id: "7", limit: 5, ratio: 0.8, open: true, range: { from: "2026-01-01" }, lines: ["L1"] };
  expect(osf.calls[0]?.request).toEqual({ name: "fertigung.list_oee", args });
  expect(out[0]).toMatchObject([
    {
      payload: [{ oee: 84 }],
      previous: { machine: 7 },
      order: 7,
      tool: { name: "fertigung.list_oee", args, text: "84 %", durationMs: 12.4 },
    },
  ]);
  expect(statuses.map(({ text }) => text)).toEqual(["calling the tool", "12 ms"]);
});

it("leaves out what has no value, and gives the text where the tool has no structured result", async () => {
  const osf = scriptedOsf({ tool: () => ({ value: null, text: "done" }) });
  const { give } = await host(osf, {
    ...config,
    args: [arg("machine_id", "M-1"), arg("limit", "nothing.here", "msg"), arg("ratio", "", "num")],
  });
  const { out } = await give({ payload: 1 });
  expect(osf.calls[0]?.request).toMatchObject({ args: { machine_id: "M-1" } });
  expect(out[0]).toMatchObject([{ payload: "done" }]);
});

it.each([
  ["a required argument that is missing", [], /No value for "machine_id"/],
  ["a required field that was left empty", [arg("machine_id", "")], /No value for "machine_id"/],
  [
    "a text for a number",
    [arg("machine_id", "M"), arg("limit", "many")],
    /"limit" must be a whole number, but it is "many"/,
  ],
  ["half of a whole number", [arg("machine_id", "M"), arg("limit", "1.5", "num")], /"limit" must be a whole number/],
  ["an object for a text", [arg("machine_id", "payload", "msg")], /"machine_id" must be a text, but it is an object/],
  ["a text for a list", [arg("machine_id", "M"), arg("lines", "L1, L2")], /"lines" must be a list/],
])("refuses %s before the call", async (_what, args, message) => {
  const osf = scriptedOsf({ tool: () => ({}) });
  const { errors } = await (await host(osf, { ...config, args })).give({ payload: {} });
  expect(errors[0]?.error).toMatchObject({ code: "tool.arguments", message: expect.stringMatching(message) });
  expect(osf.calls).toEqual([]);
});

it.each([
  [{ type: "osf-mcp-qms", tool: "list_lots" }, "qms.list_lots"],
  [{ type: "mcp-tool", server: "wms", tool: "book" }, "wms.book"],
])("completes a short name by the server: %j", async (config, name) => {
  const osf = scriptedOsf({ tool: () => ({ text: "ok" }) });
  await (await host(osf, config)).give({ payload: 1 });
  expect(osf.calls[0]?.request).toEqual({ name, args: {} });
});

it("takes all arguments from one value where it is set so", async () => {
  const osf = scriptedOsf({ tool: () => ({ text: "ok" }) });
  const { give } = await host(osf, { ...config, type: "mcp-tool", tool: "wms.book", argsFrom: "value" });
  await give({ payload: { sku: "A", n: 2 } });
  expect(osf.calls[0]?.request).toEqual({ name: "wms.book", args: { sku: "A", n: 2 } });
  expect((await give({ payload: "A" })).errors[0]?.error.code).toBe("tool.arguments");
});

it("fails with the tool's words where the tool failed", async () => {
  const osf = scriptedOsf({ tool: () => ({ failed: true, text: "There is no machine M-99." }) });
  const { errors } = await (await host(osf, { ...config, args: [arg("machine_id", "M-99")] })).give({ payload: 1 });
  expect(errors[0]?.error).toMatchObject({
    code: "tool.failed",
    message: "Error: fertigung.list_oee: There is no machine M-99.",
    cause: { failed: true, durationMs: 12.4 },
  });
});

it.each([
  ["osf-mcp-erp", "fertigung.list_oee"],
  ["osf-mcp-qms", "qmsx.list"],
  ["mcp-tool", "list"],
  ["osf-mcp-tms", ""],
  ["osf-mcp-fertigung", "erp.list_orders"],
  ["mcp-tool", ""],
])("%s does not call %j", async (type, tool) => {
  const osf = scriptedOsf({ tool: () => ({}) });
  const { errors } = await (await host(osf, { type, tool })).give({ payload: 1 });
  expect(errors[0]?.error.code).toBe("node.config");
  expect(osf.calls).toEqual([]);
});

describe("the editor", () => {
  const tools = ["erp", "qms"].map((server) => ({
    name: `${server}.list`,
    server,
    description: "Lists",
    inputSchema: { type: "object" },
    class: "read" as const,
  }));

  it("gets the tools of one server, or all", async () => {
    const { request } = await host(scriptedOsf({ tools }), config);
    expect(await request().get("/osf/tools?server=qms")).toMatchObject({ status: 200, body: [{ name: "qms.list" }] });
    expect((await request().get("/osf/tools")).body).toHaveLength(2);
    expect((await request().get("/osf/tools?server=qms&server=erp")).body).toHaveLength(2);
  });
});
