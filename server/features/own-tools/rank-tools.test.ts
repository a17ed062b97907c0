import { describe, expect, it } from "vitest";
import { rankTools } from "./rank-tools.ts";
import { compactSchema, oneLine, tokensOf } from "./tool-text.ts";

const tool = (name: string, description: string, properties: object = {}) => ({
  name,
  title: name,
  description,
  inputSchema: { type: "object", properties },
});
const TOOLS = [
  tool("erp.list_orders", "Lists customer orders with their dates."),
  tool("erp.list_late_orders", "Lists orders that are late, with the reason."),
  tool("fertigung.list_oee", "OEE of each machine today."),
  tool("wms.list_stock", "Stock of each material.", { material: {}, bin: {} }),
];
const first = (query: string) => rankTools(TOOLS, query)[0]?.tool.name;

describe("tools that fit a query", () => {
  it("are found by the words of a question, in their places", () => {
    expect(first("Which orders are late?")).toBe("erp.list_late_orders");
    expect(first("oee of machines")).toBe("fertigung.list_oee");
    expect(first("how much stock of material M-1 is there")).toBe("wms.list_stock");
  });

  it("are found by other endings and by beginnings of words, and by names of arguments", () => {
    expect(first("order")).toMatch(/orders/);
    expect(first("Materialien")).toBe("wms.list_stock");
    expect(first("bin")).toBe("wms.list_stock");
  });

  it("are none where no word fits, and come in the order of their names where all fit alike", () => {
    expect(rankTools(TOOLS, "weather in Paris")).toEqual([]);
    expect(rankTools([tool("b.x", "same"), tool("a.x", "same")], "same").map(({ tool: { name } }) => name)).toEqual([
      "a.x",
      "b.x",
    ]);
  });
});

describe("a tool in few words", () => {
  it("demands no more than the whole one, and tells apart what may be left out", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      title: "Arguments",
      properties: {
        id: { type: "string", description: `The id. ${"More about it. ".repeat(40)}`, examples: ["a"] },
        limit: { type: "integer", default: 50, minimum: 1 },
        kind: { enum: ["a", "b"] },
      },
      required: ["id", "limit"],
      additionalProperties: false,
    };
    expect(compactSchema(schema)).toEqual({
      type: "object",
      properties: {
        id: { type: "string", description: "The id." },
        limit: { type: "integer", minimum: 1 },
        kind: { enum: ["a", "b"] },
      },
      required: ["id"],
    });
    expect(tokensOf(JSON.stringify(compactSchema(schema)))).toBeLessThan(tokensOf(JSON.stringify(schema)) / 3);
  });

  it("keeps the first sentence, cut off where it is long", () => {
    expect(oneLine("First. Second.")).toBe("First.");
    expect(oneLine("x".repeat(200), 20)).toBe(`${"x".repeat(19)}…`);
  });
});
