import { describe, expect, it } from "vitest";
import type { FlowNode } from "#server/features/flows/schema.ts";
import { drawFlow, inputAt, outputAt, type Drawing } from "./drawing.ts";
import { wirePath } from "./wire-path.ts";

/** Seven pixels a letter: near the editor's type, and the same everywhere. */
const measure = (text: string) => text.length * 7;
const draw = (nodes: FlowNode[], container = "t", path: string[] = []) => drawFlow(nodes, container, measure, path);
const node = (id: string, type: string, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type,
  z: "t",
  x: 200,
  y: 100,
  wires: [],
  ...more,
});
const byId = ({ nodes }: Drawing, id: string) => {
  const found = nodes.find((one) => one.id === id);
  if (!found) throw new Error(`${id} is not drawn`);
  return found;
};

describe("sizes as in the editor", () => {
  it("is 100 × 30 at least, and grows by steps of 20 with the label", () => {
    const drawing = draw([
      node("a", "switch", { name: "if" }),
      node("b", "function", { name: "a label of some length" }),
    ]);
    expect(byId(drawing, "a")).toMatchObject({ width: 100, height: 30, x: 150, y: 85 });
    // 22 letters, 50 for icon and margins, 7 for the input: 211 → 220
    expect(byId(drawing, "b")).toMatchObject({ width: 220, height: 30, x: 90 });
  });

  it("leaves the seven pixels of an input out where there is none", () => {
    const drawing = draw([node("a", "inject", { name: "1234567890" }), node("b", "switch", { name: "1234567890" })]);
    expect([byId(drawing, "a").width, byId(drawing, "b").width]).toEqual([120, 140]);
  });

  it("is as high as its outputs or its lines need", () => {
    const drawing = draw([
      node("a", "switch", { wires: [[], [], [], []] }),
      node("b", "function", { name: "one\\n two" }),
    ]);
    expect(byId(drawing, "a").height).toBe(60);
    expect(byId(drawing, "b")).toMatchObject({ height: 54, lines: ["one", "two"] });
  });

  it("draws links as squares unless they are told to show their label", () => {
    const drawing = draw([
      node("a", "link in", { name: "orders" }),
      node("b", "link out", { name: "orders", l: true }),
    ]);
    expect(byId(drawing, "a")).toMatchObject({ width: 30, bare: true });
    expect(byId(drawing, "b")).toMatchObject({ width: 100, bare: false });
  });
});

it("puts ports at the sides, 13 pixels apart around the middle, and wires between them", () => {
  const drawing = draw([
    node("a", "switch", { wires: [["b"], ["b", "gone"]] }),
    node("b", "debug", { x: 400, y: 160 }),
  ]);
  const a = byId(drawing, "a");
  const b = byId(drawing, "b");
  expect([outputAt(a, 0), outputAt(a, 1)]).toEqual([
    { x: 250, y: 93.5 },
    { x: 250, y: 106.5 },
  ]);
  expect(drawing.wires.map(({ id, start, end }) => [id, start, end])).toEqual([
    ["a/0/b", outputAt(a, 0), inputAt(b)],
    ["a/1/b", outputAt(a, 1), inputAt(b)],
  ]);
});

it("names nodes as the editor does when nobody gave them a name", () => {
  const label = (type: string, more: Partial<FlowNode>) => byId(draw([node("a", type, more)]), "a").label;
  expect(label("inject", { payloadType: "date" })).toBe("timestamp");
  expect(label("inject", { payload: "7", payloadType: "num", topic: "oee" })).toBe("oee:7");
  expect(label("debug", { complete: "true" })).toBe("msg");
  expect(label("change", { rules: [{ t: "set", p: "payload", pt: "msg" }] })).toBe("set msg.payload");
  expect(label("delay", { pauseType: "delay", timeout: "5", timeoutUnits: "seconds" })).toBe("delay 5s");
  expect(label("http in", { method: "post", url: "/orders" })).toBe("[post] /orders");
  expect(label("osf-mcp-fertigung", { tool: "list_oee" })).toBe("list_oee");
  expect(label("something else", {})).toBe("something else");
});

it("leaves out configuration nodes and what lies on other tabs", () => {
  const drawing = draw([
    { id: "t", type: "tab" },
    { id: "c", type: "tls-config" },
    { id: "d", type: "http proxy", z: "t" },
    node("a", "inject"),
    node("x", "inject", { z: "u" }),
  ]);
  expect(drawing.nodes.map(({ id }) => id)).toEqual(["a"]);
});

it("takes an unknown type for one with an input only where a wire ends at it", () => {
  const drawing = draw([node("a", "palette-a", { wires: [["b"]] }), node("b", "palette-b")]);
  expect(drawing.nodes.map(({ inputs }) => inputs)).toEqual([0, 1]);
});

describe("groups", () => {
  const members = [node("a", "switch"), node("b", "switch", { x: 400, y: 200 })];
  it("have the border that the editor kept", () => {
    const group = { id: "g", type: "group", z: "t", name: "Check", nodes: ["a"], x: 1, y: 2, w: 30, h: 40 };
    expect(draw([...members, group]).groups).toMatchObject([{ name: "Check", x: 1, y: 2, width: 30, height: 40 }]);
  });
  it("have one around their nodes where it kept none, with room for an inject node's button", () => {
    const group = { id: "g", type: "group", z: "t", nodes: ["a", "b"] };
    expect(draw([...members, group]).groups).toMatchObject([{ x: 124, y: 59, width: 352, height: 182 }]);
    const inject = { id: "h", type: "group", z: "t", nodes: ["i"] };
    expect(draw([node("i", "inject"), inject]).groups).toMatchObject([{ x: 94, width: 192 }]);
  });
  it("lie in one another, the outer first", () => {
    const inner = { id: "inner", type: "group", z: "t", nodes: ["a"] };
    const outer = { id: "outer", type: "group", z: "t", nodes: ["inner", "b"] };
    expect(draw([...members, inner, outer]).groups.map(({ id }) => id)).toEqual(["outer", "inner"]);
    const circle = { ...inner, nodes: ["a", "outer"] };
    expect(draw([...members, circle, outer]).groups).toHaveLength(2);
  });
  it("take no style that is not a colour", () => {
    const style = { stroke: "#ff0000", fill: "url(http://example.com)" };
    const group = { id: "g", type: "group", z: "t", nodes: ["a"], style };
    expect(draw([...members, group]).groups).toMatchObject([{ stroke: "#ff0000", fill: null }]);
  });
});

describe("subflows", () => {
  const template: FlowNode = {
    id: "s",
    type: "subflow",
    name: "Twice",
    in: [{ x: 50, y: 30, wires: [{ id: "inner" }] }],
    out: [{ x: 400, y: 30, wires: [{ id: "inner", port: 0 }] }],
  };
  const inner = node("inner", "function", { z: "s" });
  inner.wires = [[]];
  const instance = node("i", "subflow:s", { wires: [[]] });

  it("show instances under the subflow's name with an input where it has one", () => {
    const drawing = draw([template, inner, instance]);
    expect(byId(drawing, "i")).toMatchObject({ label: "Twice", subflow: "s", inputs: 1, outputs: 1, key: "i" });
  });
  it("are drawn from the inside with their entries, under the ids that a run gives their nodes", () => {
    const drawing = draw([template, inner, instance], "s", ["i"]);
    expect(drawing.nodes.map(({ id, key, form }) => [id, key, form])).toEqual([
      ["inner", "i-inner", "node"],
      ["in:0", "i-in:0", "entry"],
      ["out:0", "i-out:0", "entry"],
    ]);
    expect(drawing.wires.map(({ id }) => id)).toEqual(["in:0/0/inner", "inner/0/out:0"]);
  });
});

describe("flows without places", () => {
  it("go from left to right, one row each, and end where they turn back", () => {
    const bare = (id: string, wires: string[][]): FlowNode => ({ id, type: "function", z: "t", wires });
    const drawing = draw([bare("a", [["b", "c"]]), bare("b", [["d"]]), bare("c", [["d"]]), bare("d", [["a"]])]);
    const middles = drawing.nodes.map(({ x, y, width, height }) => [x + width / 2, y + height / 2]);
    expect(middles).toEqual([
      [120, 60],
      [340, 60],
      [340, 120],
      [560, 60],
    ]);
  });
  it("lie below what has a place", () => {
    const drawing = draw([node("a", "inject", { y: 300 }), { id: "b", type: "debug", z: "t", wires: [] }]);
    expect(byId(drawing, "b").y).toBeGreaterThan(byId(drawing, "a").y + 30);
  });
});

describe("wires", () => {
  it("go forwards in one bow that is flatter between near nodes", () => {
    expect(wirePath({ x: 0, y: 0 }, { x: 300, y: 40 })).toBe("M 0 0 C 75 0 225 40 300 40");
    expect(wirePath({ x: 0, y: 0 }, { x: 40, y: 0 })).toBe("M 0 0 C 30 0 10 0 40 0");
  });
  it("go backwards around, or below both where they are at one height", () => {
    expect(wirePath({ x: 300, y: 0 }, { x: 0, y: 5 })).toMatch(/^M 300 0 C .* H 0 C .* 0 5$/);
    const back = wirePath({ x: 300, y: 0 }, { x: 0, y: 200 });
    expect(back).toMatch(/^M 300 0 C 320 0 340 0 340 15 S .* 150 100 S .* 0 200$/);
  });
});
