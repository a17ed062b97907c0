import { describe, expect, it } from "vitest";
import type { NodeDef } from "#server/engine/contract.ts";
import { importNodes } from "./import-nodes.ts";
import { debug, inject, node, tab } from "./test-flows.ts";

const none = new Set<string>();
const byType = (nodes: NodeDef[], type: string) => nodes.filter((one) => one.type === type);
const only = (nodes: NodeDef[], type: string): NodeDef => {
  const [first, ...more] = byType(nodes, type);
  if (!first || more.length > 0) throw new Error(`not one node of the type ${type}`);
  return first;
};

describe("an import", () => {
  it("with a tab stays as it is", () => {
    const given = [tab(), inject("i", "d"), debug("d")];
    expect(importNodes(given, none)).toEqual({ nodes: given, tabId: "t", credentials: {} });
  });

  it("of selected nodes gets a tab; configuration nodes stay outside, also those that were on the lost tab", () => {
    const given = [
      inject("i", "r"),
      node("r", "http request", { tls: "c" }, ["d"]),
      debug("d"),
      { id: "c", type: "tls-config", z: "" },
      { id: "p", type: "palette-config", z: "t" },
      node("g", "group", { nodes: ["i"] }),
    ];
    const { nodes, tabId } = importNodes(given, none);
    expect(only(nodes, "tab").id).toBe(tabId);
    expect(nodes.filter(({ z }) => z === tabId).map(({ id }) => id)).toEqual(["i", "r", "d", "g"]);
    expect(nodes.filter(({ id }) => id === "c" || id === "p").every(({ z }) => !z)).toBe(true);
  });

  it("of bare nodes that a program wrote is placed onto a tab and laid out from left to right", () => {
    const given: NodeDef[] = [
      { id: "a", type: "inject", wires: [["b", "c"]] },
      { id: "b", type: "function", wires: [["d"]] },
      { id: "c", type: "palette thing", wires: [["d"]] },
      { id: "d", type: "debug" },
      { id: "e", type: "unknown sink" },
    ];
    const { nodes, tabId } = importNodes(given, none);
    const place = (id: string) => {
      const found = nodes.find((one) => one.id === id);
      return [Number(found?.x), Number(found?.y)] as const;
    };
    expect(nodes.filter(({ z }) => z === tabId).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
    expect(place("b")[0]).toBeGreaterThan(place("a")[0]);
    expect(place("d")[0]).toBeGreaterThan(place("b")[0]);
    expect(place("b")[0]).toBe(place("c")[0]);
    expect(place("b")[1]).not.toBe(place("c")[1]);
    expect(nodes.find(({ id }) => id === "e")).not.toHaveProperty("x");
  });

  it("of several tabs makes the first one the flow", () => {
    const { tabId, nodes } = importNodes([tab("a", "A"), tab("b", "B"), { ...debug("d"), z: "b" }], none);
    expect(tabId).toBe("a");
    expect(byType(nodes, "tab").map(({ label }) => label)).toEqual(["A", "B"]);
  });

  it("of tabs and strays puts the strays onto a tab behind", () => {
    const { tabId, nodes } = importNodes([debug("stray"), tab("a", "A")], none);
    expect(tabId).toBe("a");
    expect(byType(nodes, "tab").map(({ label }) => label)).toEqual(["A", "Imported"]);
    expect(nodes.find(({ id }) => id === "stray")?.z).toBe(byType(nodes, "tab")[1]?.id);
  });

  it("of ids that are in use renames them wherever they are named, and nothing else", () => {
    const given: NodeDef[] = [
      tab("t", "d"),
      { ...inject("i", "l", "u"), topic: "i", name: "d" },
      node("l", "link out", { links: ["n"], mode: "link" }),
      node("n", "link in", { links: ["l"] }, ["d"]),
      node("k", "catch", { scope: ["i", "d"] }, ["d"]),
      node("r", "http request", { tls: "c", url: "d", g: "g" }, ["d"]),
      node("g", "group", {
        nodes: ["r"],
        env: [
          { name: "C", type: "conf-type", value: "c" },
          { name: "D", type: "str", value: "d" },
        ],
      }),
      debug("d"),
      { id: "c", type: "tls-config" },
      {
        id: "s",
        type: "subflow",
        in: [{ x: 1, y: 1, wires: [{ id: "x" }] }],
        out: [{ wires: [{ id: "x", port: 0 }] }],
        status: { wires: [{ id: "x", port: 0 }] },
      },
      { ...node("x", "function", { func: "d" }), z: "s" },
      node("u", "subflow:s", {}, ["d"]),
    ];
    const taken = new Set(given.map(({ id }) => id));
    const { nodes, tabId } = importNodes(given, taken);
    for (const { id } of nodes) expect(taken).not.toContain(id);
    const id = (type: string) => only(nodes, type).id;
    const [t, i, l, n, k, r, g, d, c, s, x] = [
      "tab",
      "inject",
      "link out",
      "link in",
      "catch",
      "http request",
      "group",
      "debug",
      "tls-config",
      "subflow",
      "function",
    ].map(id) as [string, string, string, string, string, string, string, string, string, string, string];
    const u = id(`subflow:${s}`);
    expect(tabId).toBe(t);
    const find = (wanted: string) => nodes.find((one) => one.id === wanted);
    expect(find(t)).toMatchObject({ label: "d" });
    expect(find(i)).toMatchObject({ z: t, wires: [[l, u]], topic: "i", name: "d" });
    expect(find(l)).toMatchObject({ links: [n] });
    expect(find(n)).toMatchObject({ links: [l], wires: [[d]] });
    expect(find(k)).toMatchObject({ scope: [i, d] });
    expect(find(r)).toMatchObject({ tls: c, url: "d", g });
    expect(find(g)).toMatchObject({ nodes: [r], env: [{ value: c }, { value: "d" }] });
    expect(find(s)).toMatchObject({
      in: [{ wires: [{ id: x }] }],
      out: [{ wires: [{ id: x, port: 0 }] }],
      status: { wires: [{ id: x }] },
    });
    expect(find(x)).toMatchObject({ z: s, func: "d" });
    expect(find(u)).toMatchObject({ z: t, wires: [[d]] });
  });

  it("takes passwords out of the nodes and keeps them by the new id", () => {
    const given = [tab(), { ...node("r", "http request"), credentials: { user: "u", password: "p" } }];
    const { nodes, credentials } = importNodes(given, new Set(["r"]));
    const request = only(nodes, "http request");
    expect(request).not.toHaveProperty("credentials");
    expect(credentials).toEqual({ [request.id]: { user: "u", password: "p" } });
  });

  it("is refused when an id is there twice", () => {
    expect(() => importNodes([tab(), debug("d"), debug("d")], none)).toThrow(
      expect.objectContaining({ code: "flow.duplicate-id" }),
    );
  });
});
