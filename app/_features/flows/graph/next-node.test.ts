import { expect, it } from "vitest";
import type { FlowNode } from "#server/features/flows/schema.ts";
import { drawFlow } from "./drawing.ts";
import { nextNode, reading, type Direction } from "./next-node.ts";

const at = (id: string, x: number, y: number, wires: string[][] = []): FlowNode => ({
  id,
  type: "switch",
  z: "t",
  x,
  y,
  wires,
});
//  a ─┬─ b      d
//     └─ c
const drawing = drawFlow(
  [at("c", 300, 200), at("a", 100, 120, [["b", "c"]]), at("b", 300, 100), at("d", 500, 100)],
  "t",
  () => 10,
);
const go = (from: string, direction: Direction) => nextNode(drawing, from, direction)?.id;

it("follows wires to the right and back, the nearest in height first", () => {
  expect([go("a", "right"), go("b", "left"), go("c", "left")]).toEqual(["b", "a", "a"]);
});

it("goes to what lies there where no wire leads", () => {
  expect([go("b", "right"), go("d", "left"), go("b", "down"), go("c", "up"), go("a", "left")]).toEqual([
    "d",
    "b",
    "c",
    "b",
    undefined,
  ]);
});

it("reads line by line", () => {
  expect(reading(drawing).map(({ id }) => id)).toEqual(["b", "d", "a", "c"]);
});
