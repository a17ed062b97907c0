import { expect, it } from "vitest";
import { withoutPatterns } from "./without-patterns.ts";

const of = (schema: unknown) => withoutPatterns(schema).schema;

it("drops patterns wherever a schema stands, and nothing that is only named so", () => {
  const text = { type: "string", pattern: "^(a+)+$", format: "date", minLength: 1 };
  const bare = { type: "string", format: "date", minLength: 1 };
  expect(
    of({
      type: "object",
      properties: { pattern: text, list: { type: "array", items: text }, either: { anyOf: [text, { type: "null" }] } },
      required: ["pattern"],
      $defs: { format: text },
      default: { pattern: "x" },
      enum: [{ pattern: "x" }],
    }),
  ).toEqual({
    type: "object",
    properties: { pattern: bare, list: { type: "array", items: bare }, either: { anyOf: [bare, { type: "null" }] } },
    required: ["pattern"],
    $defs: { format: bare },
    default: { pattern: "x" },
    enum: [{ pattern: "x" }],
  });
});

it("refuses nothing that the whole schema takes", () => {
  expect(of({ type: "object", patternProperties: { "^x-": {} }, additionalProperties: false })).toEqual({
    type: "object",
  });
  expect(of({ type: "string", not: { pattern: "^a" } })).toEqual({ type: "string" });
  expect(of({ oneOf: [{ pattern: "^a" }, { pattern: "^b" }], maxLength: 3 })).toEqual({ maxLength: 3 });
  const conditional = JSON.parse(
    '{"type":"object","if":{"properties":{"a":{"pattern":"x"}}},"then":{"required":["b"]}}',
  ) as unknown;
  expect(of(conditional)).toEqual({ type: "object" });
});

it("leaves a schema without them as it is", () => {
  const schema = {
    type: "object",
    properties: { a: { enum: [1, 2] } },
    not: { required: ["b"] },
    additionalProperties: false,
  };
  expect(withoutPatterns(schema)).toEqual({ schema, changed: false });
});
