import { expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { byName, splitToolName, toolName } from "./names.ts";

it("separates at the first dot, so that a tool's own name may have dots", () => {
  expect(splitToolName(toolName("wms", "stock.v2.list"))).toEqual({ server: "wms", tool: "stock.v2.list" });
});

it.each(["", "wms", "wms.", ".list", "Wms.list", "1wms.list", "w ms.list", `${"w".repeat(33)}.list`])(
  "knows that %j names no tool",
  (name) => expect(splitToolName(name)).toBeNull(),
);

it("sorts the same whatever the locale", () => {
  const names = ["b.a", "B.a", "a_b.c", "a-b.c", "ä.a"].map((name) => ({ name }));
  expect(names.sort(byName).map(({ name }) => name)).toEqual(["B.a", "a-b.c", "a_b.c", "b.a", "ä.a"]);
});

it("writes equal values as equal text, whatever the order of their members", () => {
  expect(canonicalJson({ b: [{ y: 1, x: undefined }], a: null })).toBe('{"a":null,"b":[{"y":1}]}');
  expect(canonicalJson({ a: { c: 1, b: 2 } })).toBe(canonicalJson({ a: { b: 2, c: 1 } }));
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
});
