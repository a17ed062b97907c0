import { expect, it } from "vitest";
import { jsonDiff, MOST_CHANGES } from "./json-diff.ts";

it("finds nothing in equal values, whatever the order of their keys", () => {
  expect(jsonDiff({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toEqual([]);
});

it("names what was added, removed and changed by its path", () => {
  expect(jsonDiff({ payload: { a: 1, b: 2 }, "x-y": 1 }, { payload: { a: 2, c: [] }, topic: "t" })).toEqual([
    { path: "payload.a", kind: "changed", before: 1, after: 2 },
    { path: "payload.c", kind: "added", after: [] },
    { path: "payload.b", kind: "removed", before: 2 },
    { path: "topic", kind: "added", after: "t" },
    { path: '["x-y"]', kind: "removed", before: 1 },
  ]);
});

it("compares lists place by place and says when a value became another kind of thing", () => {
  expect(jsonDiff([1, 2, 3], [1, 5])).toEqual([
    { path: "[1]", kind: "changed", before: 2, after: 5 },
    { path: "[2]", kind: "removed", before: 3 },
  ]);
  expect(jsonDiff({ a: [] }, { a: {} })).toEqual([{ path: "a", kind: "changed", before: [], after: {} }]);
});

it("stops where nobody would read on", () => {
  const zeros = Array.from({ length: 10_000 }, () => 0);
  expect(
    jsonDiff(
      zeros,
      zeros.map(() => 1),
    ),
  ).toHaveLength(MOST_CHANGES);
});
