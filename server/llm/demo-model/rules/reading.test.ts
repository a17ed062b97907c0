import { describe, expect, it } from "vitest";
import { comparisonsOf } from "./comparison.ts";
import { propertiesOf } from "./json-schema.ts";
import { periodOf } from "./period.ts";
import { readResult } from "./read-result.ts";

describe("spans of time", () => {
  const saturday = new Date(2026, 10, 21, 10);
  it.each([
    ["today", "2026-11-21", "2026-11-21"],
    ["yesterday", "2026-11-20", "2026-11-20"],
    ["seit gestern", "2026-11-20", "2026-11-21"],
    ["übermorgen", "2026-11-23", "2026-11-23"],
    ["this week", "2026-11-16", "2026-11-21"],
    ["letzte Woche", "2026-11-09", "2026-11-15"],
    ["last month", "2026-10-01", "2026-10-31"],
    ["in den letzten 7 Tagen", "2026-11-14", "2026-11-21"],
    ["the next 2 weeks", "2026-11-21", "2026-12-05"],
    ["am Mittwoch", "2026-11-18", "2026-11-18"],
    ["since Monday", "2026-11-16", "2026-11-21"],
    ["on 2026-02-03", "2026-02-03", "2026-02-03"],
    ["vom 3.2.2026 bis 5.2.2026", "2026-02-03", "2026-02-05"],
  ])("%s", (text, from, to) => expect(periodOf(text, saturday)).toMatchObject({ from, to }));

  it.each(["Guten Morgen", "on 2026-02-31", "order 4711"])("finds none in: %s", (text) =>
    expect(periodOf(text, saturday)).toBeUndefined(),
  );
});

describe("comparisons", () => {
  it.each([
    ["below 85 % OEE", [["<", 85, "%"]]],
    ["mehr als 2,5 Stunden", [[">", 2.5, "stunden"]]],
    ["over 1,200 pieces", [[">", 1200, "pieces"]]],
    ["mindestens 1.500 Stück", [[">=", 1500, "stueck"]]],
    [
      "between 5 and 10 days",
      [
        [">=", 5, "days"],
        ["<=", 10, "days"],
      ],
    ],
    ["how are you over there", []],
  ])("%s", (text, expected) => {
    const language = /mehr|mindestens/.test(text) ? "de" : "en";
    const found = comparisonsOf(text, language).filter(({ bound }) => typeof bound === "number");
    expect(found.map(({ operator, bound, unit }) => [operator, bound, unit])).toEqual(expected);
  });
});

describe("results of tools", () => {
  const rows = [{ a: 1 }];
  it.each<[string, string]>([
    ["plain rows", JSON.stringify(rows)],
    ["rows below a key", JSON.stringify({ things: rows })],
    ["rows deep inside", JSON.stringify({ data: { page: { things: rows } } })],
    [
      "an MCP result with text",
      JSON.stringify({ content: [{ type: "text", text: JSON.stringify({ things: rows }) }] }),
    ],
    ["an MCP result with structured content", JSON.stringify({ content: [], structuredContent: { things: rows } })],
    ["text parts", JSON.stringify([{ type: "text", text: JSON.stringify(rows) }])],
    ["JSON within JSON", JSON.stringify(JSON.stringify(rows))],
  ])("finds %s", (_, content) =>
    expect(readResult(content)).toMatchObject({ kind: "data", tables: [{ rows, single: false }] }),
  );

  it.each<[string, string, string]>([
    ["an MCP error", JSON.stringify({ isError: true, content: [{ type: "text", text: "no" }] }), "no"],
    ["an error object", JSON.stringify({ error: { message: "no" } }), "no"],
    ["a text that begins so", "Error: no", "no"],
  ])("sees a failure in %s", (_, content, message) => expect(readResult(content)).toEqual({ kind: "failed", message }));

  it("flattens what is nested and counts what is a list", () => {
    expect(readResult(JSON.stringify([{ id: 1, at: { x: 2 }, tags: ["a", "b"], parts: [{}, {}] }]))).toMatchObject({
      tables: [{ rows: [{ id: 1, "at.x": 2, tags: "a, b", parts: 2 }] }],
    });
  });

  it("tells rows left out from rows filtered away", () => {
    expect(readResult(JSON.stringify({ total: 9, rows }))).toMatchObject({ tables: [{ total: 9 }] });
    expect(readResult(JSON.stringify({ total: 1, summary: "1 of 12 things is low", rows }))).toMatchObject({
      tables: [{ total: undefined, whole: 12 }],
    });
  });
});

it("reads references, nullable branches and defaults of a schema, and no pattern that could hang", () => {
  const properties = propertiesOf({
    $defs: { code: { type: "string", pattern: "^M-\\d+$" } },
    type: "object",
    required: ["code", "size", "bad"],
    properties: {
      code: { $ref: "#/$defs/code" },
      size: { anyOf: [{ type: "null" }, { type: "integer" }], default: 3 },
      bad: { type: "string", pattern: "^(a+)+$" },
    },
  });
  expect(properties.map(({ name, type, required }) => [name, type, required])).toEqual([
    ["code", "string", true],
    ["size", "integer", false],
    ["bad", "string", true],
  ]);
  expect(properties.map(({ pattern }) => pattern?.source)).toEqual(["^M-\\d+$", undefined, undefined]);
});
