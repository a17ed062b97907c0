import { expect, it } from "vitest";
import { argumentCheck } from "./argument-check.ts";
import type { Tool } from "./gateway.ts";

const tool = (inputSchema: Record<string, unknown>): Tool => ({
  name: "s.t",
  server: "s",
  title: "t",
  description: "",
  inputSchema,
  class: "read",
  repeatable: true,
});
const check = argumentCheck();

it("names nested fields with dots and indexes", () => {
  const order = tool({
    type: "object",
    properties: {
      order: {
        type: "object",
        properties: { lines: { type: "array", items: { type: "object", required: ["material"] } } },
        additionalProperties: false,
      },
      kind: { enum: ["a", "b"] },
      due: { type: "string", format: "date" },
    },
  });
  expect(check(order, { order: { lines: [{ material: 1 }, {}], "x/y": 1 }, kind: "c", due: "soon" })).toEqual([
    { path: "order.x/y", message: "is not an argument of this tool" },
    { path: "order.lines[1].material", message: "is required" },
    { path: "kind", message: 'must be one of "a", "b"' },
    { path: "due", message: 'must match format "date"' },
  ]);
  expect(check(order, { order: { lines: [] }, kind: "a", due: "2026-07-28" })).toEqual([]);
});

it("judges by the schema's own dialect", () => {
  const pair = (dialect: string) =>
    tool({
      $schema: dialect,
      type: "object",
      properties: { pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false } },
    });
  const of2020 = pair("https://json-schema.org/draft/2020-12/schema");
  expect(check(of2020, { pair: ["a", 1] })).toEqual([]);
  expect(check(of2020, { pair: [1, 1] })).not.toEqual([]);
});

it("does not take one tool's schema for another's of the same $id", () => {
  const strict = tool({ $id: "same", type: "object", required: ["a"] });
  const loose = tool({ $id: "same", type: "object" });
  expect(check(strict, {})).toHaveLength(1);
  expect(check(loose, {})).toEqual([]);
});

it("leaves the decision to the upstream where its schema is broken", () => {
  expect(check(tool({ type: "object", properties: { a: { type: "no-such-type" } } }), { a: 1 })).toEqual([]);
});

it("compiles a schema once, for wrong arguments too", () => {
  const field = { type: "object", properties: { a: { enum: [1, 2] }, b: { type: "string", maxLength: 5 } } };
  const large = tool({
    type: "object",
    properties: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field${n}`, field])),
    required: ["field0"],
  });
  const took = () => {
    const began = performance.now();
    expect(check(large, {})).toEqual([{ path: "field0", message: "is required" }]);
    return performance.now() - began;
  };
  const first = took();
  const later = Math.min(...Array.from({ length: 20 }, took));
  expect(later).toBeLessThan(first / 4);
});

it("is not held up by a pattern that an upstream made up", () => {
  const trap = tool({ type: "object", properties: { text: { type: "string", pattern: "^(a+)+$" } } });
  const began = performance.now();
  expect(check(trap, { text: `${"a".repeat(40)}!` })).toEqual([]);
  expect(check(trap, { text: 7 })).toEqual([{ path: "text", message: "must be string" }]);
  expect(performance.now() - began).toBeLessThan(1_000);
});
