import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { declareTool, typeOf } from "./declare-tools.ts";

const tool = (name: string, inputSchema: Record<string, unknown>, outputSchema?: Record<string, unknown>) =>
  declareTool({ name, description: "", inputSchema, outputSchema });

describe("a declaration", () => {
  it("says how a tool is called and what it answers", () => {
    expect(
      tool(
        "erp.list_orders",
        {
          type: "object",
          properties: {
            state: { enum: ["open", "late"], description: "Only those in this state" },
            limit: { type: "integer", default: 50 },
          },
          required: ["limit"],
        },
        { type: "object", properties: { rows: { type: "array", items: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } } }, required: ["rows"] }, // prettier-ignore
      ),
    ).toBe(
      'tools.erp.list_orders(args?: { state?: "open" | "late" /* Only those in this state */; limit?: number }): Promise<{ rows: { id: string }[] }>',
    );
  });

  it("names what is no identifier in brackets, and flows apart", () => {
    const needs = { type: "object", properties: { "a b": { type: "string" } }, required: ["a b"] };
    expect(tool("sap-s4.get.order", needs)).toBe(
      'tools["sap-s4"]["get.order"](args: { "a b": string }): Promise<unknown>',
    );
    expect(tool("release_batch", { type: "object", properties: {} })).toBe(
      "flows.release_batch(args?: {}): Promise<unknown>",
    );
  });

  it("follows references within the schema, and gives up in circles", () => {
    const schema = {
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
      $ref: "#/$defs/node",
    };
    expect(typeOf(schema)).toMatch(/^\{ next\?: .*unknown/);
    expect(typeOf({ $ref: "https://example.org/schema" })).toBe("unknown");
  });

  it("cannot be left by what a server writes into its schema", () => {
    const text = tool("evil.tool", {
      type: "object",
      properties: {
        a: { type: "string", description: "*/ }): never; import('node:fs'); /*" },
        "}; x": { const: "`${1}`" },
        b: { enum: ['"; process.exit()'] },
      },
    });
    // A declaration leaves nothing behind when types are taken out.
    expect(stripTypeScriptTypes(`declare const x: { ${text.replace("tools.evil.", "")} };`).trim()).toBe("");
    expect(text).not.toMatch(/\*\/ \}\)/);
  });

  it("stays small however large the schema is", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`field_${i}`, { type: "string", description: "x".repeat(1_000) }]),
    );
    expect(tool("a.b", { type: "object", properties }).length).toBeLessThan(5_000);
    let deep: Record<string, unknown> = { type: "string" };
    for (let i = 0; i < 1_000; i++) deep = { type: "object", properties: { a: deep } };
    expect(typeOf(deep).length).toBeLessThan(200);
  });
});
