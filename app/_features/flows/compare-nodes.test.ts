import { expect, it } from "vitest";
import type { FlowNode } from "#server/features/flows/schema.ts";
import { compareNodes } from "./compare-nodes.ts";

const node = (id: string, more: Partial<FlowNode> = {}): FlowNode => ({ id, type: "function", z: "t", ...more });

it("tells what came, what went and what is different", () => {
  const before = [node("a"), node("b", { func: "return msg" }), node("c")];
  const after = [node("b", { func: "return null" }), node("c"), node("d")];
  expect(compareNodes(before, after)).toEqual({ added: ["d"], removed: ["a"], changed: ["b"] });
});

it("does not mind where a node stands, nor the order of its properties", () => {
  const before = [{ id: "a", type: "function", x: 1, y: 2, func: "f", name: "n" }];
  const after = [{ name: "n", type: "function", id: "a", x: 300, y: 2, g: "group", func: "f" }];
  expect(compareNodes(before, after)).toEqual({ added: [], removed: [], changed: [] });
});
