import { describe, expect, it } from "vitest";
import { flowGraph, flowNodes } from "./graph.ts";
import { debug, inject, node, tab } from "./test-flows.ts";

const ids = (nodes: { id: string }[]) => nodes.map(({ id }) => id);

describe("what belongs to a flow", () => {
  it("is its tab with nodes and groups, in the document's order", () => {
    const nodes = [
      tab("other"),
      { ...debug("o"), z: "other" },
      debug("d"),
      tab(),
      node("g", "group"),
      inject("i", "d"),
    ];
    expect(ids(flowNodes(nodes, "t"))).toEqual(["d", "t", "g", "i"]);
  });

  it("is empty for what is no tab", () => {
    expect(flowNodes([tab(), { id: "s", type: "subflow" }], "s")).toEqual([]);
    expect(flowNodes([tab()], "nothing")).toEqual([]);
  });

  it("takes along the tabs that link nodes reach, over more than one, and not those that reach it", () => {
    const nodes = [
      tab("a"),
      { ...node("a1", "link out", { links: ["b1"], mode: "link" }), z: "a" },
      tab("b"),
      { ...node("b1", "link in", { links: ["a1"] }), z: "b" },
      { ...node("b2", "link call", { links: ["c1"], linkType: "static" }), z: "b" },
      tab("c"),
      { ...node("c1", "link in"), z: "c" },
      tab("d"),
      { ...node("d1", "link out", { links: ["c1"] }), z: "d" },
    ];
    expect(ids(flowNodes(nodes, "a"))).toEqual(["a", "a1", "b", "b1", "b2", "c", "c1"]);
    expect(ids(flowNodes(nodes, "c"))).toEqual(["c", "c1"]);
  });

  it("takes along every link in node where a call chooses its target when it runs", () => {
    const nodes = [
      tab("a"),
      { ...node("a1", "link call", { links: [], linkType: "dynamic" }), z: "a" },
      tab("b"),
      { ...node("b1", "link in"), z: "b" },
      tab("c"),
    ];
    expect(ids(flowNodes(nodes, "a"))).toEqual(["a", "a1", "b", "b1"]);
  });

  it("takes along subflows and the subflows in them, once each", () => {
    const nodes = [
      tab(),
      node("u1", "subflow:s1"),
      node("u2", "subflow:s1"),
      { id: "s1", type: "subflow", in: [], out: [] },
      { ...node("s1a", "subflow:s2"), z: "s1" },
      { id: "s2", type: "subflow", in: [], out: [] },
      { ...node("s2a", "subflow:s1"), z: "s2" },
      { id: "s3", type: "subflow" },
    ];
    expect(ids(flowNodes(nodes, "t"))).toEqual(["t", "u1", "u2", "s1", "s1a", "s2", "s2a"]);
  });

  it("takes along configuration nodes by whatever names them, theirs too, and the global configuration", () => {
    const nodes = [
      tab("t"),
      node("r", "http request", { tls: "tls", name: "unused" }),
      { ...node("e", "group", { env: [{ name: "X", type: "conf-type", value: "proxy" }] }) },
      { id: "tls", type: "tls-config", certname: "", ca: "other-config" },
      { id: "other-config", type: "palette-config" },
      { id: "proxy", type: "http proxy" },
      { id: "unused", type: "tls-config" },
      { id: "gc", type: "global-config", env: [] },
    ];
    expect(ids(flowNodes(nodes, "t"))).toEqual(["t", "r", "e", "tls", "other-config", "proxy", "gc"]);
  });
});

describe("the graph for the engine", () => {
  const nodes = [tab(), node("r", "http request"), tab("b"), { ...node("x", "http request"), z: "b" }];

  it("has the credentials of its own nodes and of no others", () => {
    const graph = flowGraph(nodes, "t", { r: { password: "a" }, x: { password: "b" } });
    expect(graph.credentials).toEqual({ r: { password: "a" } });
    expect(JSON.stringify(graph)).not.toContain('"b"');
  });

  it("has a key that changes with its content, and with nothing else", () => {
    const { key } = flowGraph(nodes, "t", { r: { password: "a" } });
    expect(flowGraph([...nodes, tab("c")], "t", { r: { password: "a" }, x: { password: "c" } }).key).toBe(key);
    expect(flowGraph(nodes, "t", { r: { password: "b" } }).key).not.toBe(key);
    expect(flowGraph(nodes, "b", {}).key).not.toBe(flowGraph(nodes, "t", {}).key);
  });
});
