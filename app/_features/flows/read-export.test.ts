import { expect, it } from "vitest";
import { readExport } from "./read-export.ts";

const read = (value: unknown) => readExport(JSON.stringify(value));
const tab = (id: string, label: string) => ({ id, type: "tab", label });
const node = (id: string, z?: string) => ({ id, type: "inject", wires: [[]], ...(z ? { z } : {}) });

it("reads a list of nodes and the form of Node-RED's own API", () => {
  const nodes = [tab("t", "Orders"), node("a", "t")];
  expect(read(nodes)).toMatchObject({ tabs: [{ id: "t", label: "Orders", count: 1, subflows: 0, nodes }] });
  expect(read({ rev: "1", flows: nodes })).toMatchObject({ tabs: [{ id: "t" }] });
});

it("takes nodes without a tab, as one exports a selection, for one flow", () => {
  expect(read([node("a"), node("b", "gone")])).toMatchObject({ tabs: [{ id: "", label: "", count: 2 }] });
});

it("gives each tab its own nodes, and subflows and configuration to all", () => {
  const shared = [{ id: "s", type: "subflow" }, { id: "in", type: "function", z: "s", wires: [[]] }, { id: "c", type: "tls-config" }]; // prettier-ignore
  const result = read([tab("t", "One"), tab("u", "Two"), node("a", "t"), node("b", "u"), ...shared]);
  expect(
    "tabs" in result && result.tabs.map(({ nodes, count, subflows }) => [nodes.map(({ id }) => id), count, subflows]),
  ).toEqual([
    [["t", "a", "s", "in", "c"], 1, 1],
    [["u", "b", "s", "in", "c"], 1, 1],
  ]);
});

it("says what is wrong with anything else", () => {
  expect(readExport("[{")).toEqual({ problem: "notJson" });
  for (const value of [[], {}, null, "text", [{ type: "inject" }], [1]])
    expect(read(value)).toEqual({ problem: "notFlow" });
});
