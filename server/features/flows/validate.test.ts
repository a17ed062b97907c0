import { describe, expect, it } from "vitest";
import type { NodeDef } from "#server/engine/contract.ts";
import { flowNodes } from "./graph.ts";
import { debug, inject, node, tab } from "./test-flows.ts";
import { validateFlow } from "./validate.ts";

const issuesOf = (...nodes: NodeDef[]) => validateFlow(flowNodes([tab(), ...nodes], "t"), "t");
/** Issues of one node between an inject and a debug node, in short. */
const around = (type: string, properties: object = {}) =>
  issuesOf(inject("i", "x"), node("x", type, { name: "X", ...properties }, ["d"]), debug("d")).map(
    ({ severity, code, node, nodeName, property }) => [severity, code, node, nodeName, property].join(" "),
  );

describe("validation", () => {
  it("finds nothing in a flow that is right", () => {
    expect(issuesOf(inject("i", "d"), debug("d"))).toEqual([]);
    expect(around("function", { func: "await node.send(msg); return;" })).toEqual([]);
    expect(around("change", { rules: [{ t: "set", p: "payload", pt: "msg", to: "$sum(a)", tot: "jsonata" }] })).toEqual(
      [],
    );
  });

  it("names types that nobody knows, and those that only a pod has, with the way out", () => {
    expect(around("palette thing")).toEqual(["error flow.unknown-type x X "]);
    const [issue] = issuesOf(inject("i", "x"), node("x", "exec", {}, ["d"]), debug("d"));
    expect(issue).toMatchObject({ severity: "error", code: "flow.pod-only", node: "x" });
    expect(issue?.message).toMatch(/starts programs.*pod/);
    for (const type of ["file", "file in", "watch", "tcp in", "udp out", "mqtt in", "websocket out"])
      expect(around(type)).toEqual(["error flow.pod-only x X "]);
    // What an unknown type is called in JavaScript is no type either.
    for (const type of ["constructor", "toString", "__proto__"])
      expect(around(type)).toEqual(["error flow.unknown-type x X "]);
  });

  it("leaves out what is switched off", () => {
    expect(issuesOf(inject("i", "d"), { ...node("x", "exec"), d: true }, debug("d"))).toEqual([]);
  });

  it("says that nothing begins a run", () => {
    expect(issuesOf(debug("d")).map(({ code }) => code)).toContain("flow.no-start");
    expect(issuesOf({ ...inject("i", "d"), d: true }, debug("d")).map(({ code }) => code)).toContain("flow.no-start");
  });

  it("reads the code of functions, JSONata, JSON and regular expressions, and says where they are wrong", () => {
    const [code] = issuesOf(
      inject("i", "x"),
      node("x", "function", { func: "let a = 1;\nreturn }" }, ["d"]),
      debug("d"),
    );
    expect(code).toMatchObject({
      code: "flow.code",
      property: "func",
      message: expect.stringMatching(/line 2/) as string,
    });
    expect(around("function", { func: "return msg;", initialize: "let let = 1" })).toEqual([
      "error flow.code x X initialize",
    ]);
    expect(around("function", { func: "return msg;", libs: [{ var: "fs", module: "fs" }] })).toEqual([
      "error flow.libs x X libs",
    ]);
    expect(around("change", { rules: [{ t: "set", p: "payload", pt: "msg", to: "$sum(a", tot: "jsonata" }] })).toEqual([
      "error flow.jsonata x X rules[0].to",
    ]);
    expect(around("change", { rules: [{ t: "set", p: "payload", pt: "msg", to: "{a:1}", tot: "json" }] })).toEqual([
      "error flow.json x X rules[0].to",
    ]);
    expect(
      around("change", {
        rules: [{ t: "change", p: "payload", pt: "msg", from: "(", fromt: "re", to: "", tot: "str" }],
      }),
    ).toEqual(["error flow.regex x X rules[0].from"]);
    const rules = [{ t: "regex", v: "[", vt: "str" }, { t: "jsonata_exp", v: "a >", vt: "jsonata" }, { t: "else" }];
    expect(around("switch", { property: "payload", propertyType: "msg", rules })).toEqual([
      "error flow.regex x X rules[0].v",
      "error flow.jsonata x X rules[1].v",
    ]);
    expect(
      issuesOf(
        node("i", "inject", { props: [{ p: "payload" }], payload: "{", payloadType: "json" }, ["d"]),
        debug("d"),
      ),
    ).toMatchObject([{ code: "flow.json", property: "payload" }]);
  });

  it("leaves values alone that come from the environment", () => {
    expect(around("change", { rules: [{ t: "set", p: "a", pt: "msg", to: "${JSON_TEXT}", tot: "json" }] })).toEqual([]);
  });

  it("finds configuration nodes and subflows that are not there", () => {
    expect(around("http request", { tls: "gone" })).toEqual(["error flow.config-missing x X tls"]);
    expect(around("subflow:gone")).toEqual(["error flow.subflow-missing x X "]);
  });

  it("hints at what is not wired, not reached, or leads nowhere", () => {
    const codes = (...nodes: NodeDef[]) =>
      issuesOf(...nodes).map(({ severity, code, node }) => `${severity} ${code} ${node}`);
    expect(codes(inject("i", "d"), debug("d"), debug("x"))).toEqual(["hint flow.unwired x"]);
    expect(codes(inject("i", "d"), debug("d"), node("a", "change", {}, ["b"]), debug("b"))).toEqual([
      "hint flow.unwired a",
      "hint flow.unreachable b",
    ]);
    expect(codes(inject("i", "d", "gone"), debug("d"))).toEqual(["hint flow.wire i"]);
    expect(codes(inject("i", "d"), debug("d"), node("c", "catch", { scope: null }, ["b"]), debug("b"))).toEqual([]);
  });

  it("finds circles: without a way out as errors, with one as hints, with a pause not at all", () => {
    const circle = (...types: string[]) =>
      issuesOf(
        inject("i", "n0"),
        ...types.map((type, at) => node(`n${at}`, type, { rules: [{ t: "else" }] }, [`n${(at + 1) % types.length}`])),
      )
        .filter(({ code }) => code === "flow.cyclic")
        .map(({ severity }) => severity);
    expect(circle("change", "json")).toEqual(["error"]);
    expect(circle("json")).toEqual(["error"]);
    expect(circle("change", "switch")).toEqual(["hint"]);
    expect(circle("change", "delay", "switch")).toEqual([]);
    const links = issuesOf(
      inject("i", "c"),
      node("c", "json", {}, ["o"]),
      node("o", "link out", { links: ["l"] }),
      node("l", "link in", {}, ["c"]),
    );
    expect(links).toMatchObject([{ severity: "error", code: "flow.cyclic" }]);
  });

  it("finds circles in long flows without running out of stack", () => {
    const long = Array.from({ length: 5_000 }, (_, at) => node(`n${at}`, "json", {}, [`n${(at + 1) % 5_000}`]));
    expect(issuesOf(inject("i", "n0"), ...long).map(({ code }) => code)).toEqual(["flow.cyclic"]);
  });

  it("asks OSF nodes for what they need", () => {
    expect(around("osf-mcp-erp")).toEqual(["error flow.required x X tool"]);
    expect(around("osf-mcp-erp", { tool: "qms.list" })).toEqual(["error flow.tool x X tool"]);
    expect(around("osf-mcp-erp", { tool: "erp.list", args: [{ name: "a", value: "{", type: "json" }] })).toEqual([
      "error flow.json x X args[0]",
    ]);
    expect(around("mcp-tool", { tool: "any.thing" })).toEqual([]);
    expect(around("osf-sub-flow")).toEqual(["error flow.required x X flow"]);
    expect(around("osf-ts", { code: " " })).toEqual(["error flow.required x X code"]);
    expect(around("osf-agent", { kind: "own" })).toEqual(["error flow.required x X instructions"]);
    expect(around("osf-decision", { mode: "question", question: "Which?", labels: [{ label: "A" }] })).toEqual([
      "error flow.required x X labels",
    ]);
    expect(around("osf-decision", { rules: [{ op: "regex", value: "(" }] })).toEqual(["error flow.regex x X rules[0]"]);
    const options = [
      { value: "a", label: "A" },
      { value: "a", label: "B" },
    ];
    expect(around("osf-human-input", { question: "Go?", options })).toEqual(["error flow.duplicate x X options"]);
    expect(around("osf-human-input", { question: "", options: [] })).toEqual([
      "error flow.required x X question",
      "error flow.required x X options",
    ]);
    expect(around("osf-output-parser", { schema: "{" })).toEqual(["error flow.json x X schema"]);
  });

  it("hints at what counts over runs in Node-RED", () => {
    expect(around("rbe")).toEqual(["hint flow.within-run x X func"]);
    expect(around("delay", { pauseType: "rate" })).toEqual(["hint flow.within-run x X pauseType"]);
    expect(around("delay", { pauseType: "delay" })).toEqual([]);
  });

  it("finds subflows that contain themselves", () => {
    const subflow = (id: string, inside: string) => [
      { id, type: "subflow", in: [], out: [] },
      { ...node(`${id}-x`, `subflow:${inside}`), z: id },
    ];
    const nodes = [inject("i", "u"), node("u", "subflow:a"), ...subflow("a", "b"), ...subflow("b", "a")];
    expect(issuesOf(...nodes).filter(({ code }) => code === "flow.subflow-loop")).toMatchObject([
      { severity: "error", node: "a" },
      { severity: "error", node: "b" },
    ]);
  });

  it("hints at paths that only a pod answers", () => {
    const at = (url: string) =>
      issuesOf(node("h", "http in", { url, method: "get" }, ["d"]), debug("d")).map(({ code }) => code);
    expect([at("/a/:id"), at("/a/:id(\\d+)"), at("")]).toEqual([
      [],
      ["flow.http-path"],
      ["flow.no-start", "flow.required"],
    ]);
  });

  it("looks into subflows", () => {
    const nodes = [
      inject("i", "u"),
      node("u", "subflow:s"),
      { id: "s", type: "subflow", in: [], out: [] },
      { ...node("x", "exec"), z: "s" },
    ];
    expect(issuesOf(...nodes)).toMatchObject([{ code: "flow.pod-only", node: "x" }]);
  });
});
