import { expect, it } from "vitest";
import { nodeNames } from "./node-names.ts";

const names = nodeNames([
  { id: "a-1", type: "function", name: "Check" },
  { id: "s", type: "subflow", name: "Twice" },
  { id: "i-2", type: "subflow:s", name: "" },
  { id: "x", type: "debug", complete: "true" },
]);

it("calls nodes as the graph does, also where ids hold dashes", () => {
  expect(names("a-1")).toEqual({ name: "Check", type: "function" });
});

it("says within which subflow a node lies", () => {
  expect(names("i-2-x")).toEqual({ name: "Twice › msg", type: "debug" });
  expect(names("i-2-i-2-x").name).toBe("Twice › Twice › msg");
});

it("falls back to the id of what is not in the graph", () => {
  expect(names("i-2-gone").name).toBe("Twice › gone");
  expect(names("gone")).toEqual({ name: "gone", type: "" });
});
