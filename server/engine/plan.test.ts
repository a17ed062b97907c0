import { describe, expect, it } from "vitest";
import type { Graph } from "#server/engine/contract.ts";
import { createEngine } from "#server/engine/engine.ts";
import { graphOf, HandClock, MemoryHost } from "#server/engine/test-engine.ts";
import { live } from "#server/engine/test-life.ts";
import { change, code, debug, delay, inject } from "#server/engine/test-nodes.ts";

async function planned(graph: Graph): Promise<unknown> {
  const clock = new HandClock();
  const engine = createEngine({ host: new MemoryHost(clock), clock });
  try {
    await engine.plan(graph);
    return "planned";
  } catch (error) {
    return error;
  } finally {
    await engine.close();
  }
}

const env = (id: string, name: string, ...next: string[]) => ({
  id,
  type: "change",
  rules: [{ t: "set", p: "payload", pt: "msg", to: name, tot: "env" }],
  wires: [next],
});
const seen = async (graph: Graph) => (await live(graph)).debug;

describe("a plan", () => {
  it("names the node of a type that nobody knows, or that only pods have", async () => {
    expect(await planned(graphOf([{ id: "x", type: "modbus-read", name: "Press" }]))).toMatchObject({
      code: "flow.unknown-type",
      message: expect.stringContaining('"Press" (modbus-read)') as string,
    });
    expect(await planned(graphOf([{ id: "x", type: "mqtt in", name: "Sensor" }]))).toMatchObject({
      code: "flow.pod-only",
      message: expect.stringContaining("in your pod") as string,
    });
    expect(await planned(graphOf([{ id: "f", type: "function", code: "" }]))).toMatchObject({
      code: "flow.unknown-type",
    });
  });

  it("refuses subflows that contain themselves or are missing, and config nodes in a circle", async () => {
    const loop = graphOf([
      { id: "sub", type: "subflow", name: "Snake", in: [], out: [] },
      { id: "inner", type: "subflow:sub", z: "sub", wires: [] },
      { id: "one", type: "subflow:sub", wires: [] },
    ]);
    expect(await planned(loop)).toMatchObject({
      code: "flow.subflow-loop",
      message: expect.stringContaining("Snake") as string,
    });
    expect(await planned(graphOf([{ id: "one", type: "subflow:gone", wires: [] }]))).toMatchObject({
      code: "flow.unknown-type",
    });
    const circle: Graph = {
      key: "g",
      credentials: {},
      nodes: [
        { id: "a", type: "tls-config", other: "b" },
        { id: "b", type: "tls-config", other: "a" },
      ],
    };
    expect(await planned(circle)).toMatchObject({ code: "flow.cyclic-config" });
  });

  it("leaves out disabled nodes and tabs", async () => {
    const graph = graphOf([inject(1, "off", "out"), { ...change("off", "payload + 1", "out"), d: true }, debug()]);
    graph.nodes.push(
      { id: "tab2", type: "tab", disabled: true },
      { id: "m", type: "exec", z: "tab2", x: 1, y: 1, d: true },
    );
    expect(await seen(graph)).toEqual([1]);
  });

  it("can be made again after it was forgotten, and tells its resources of the end", async () => {
    const clock = new HandClock();
    let closed = 0;
    const engine = createEngine({
      host: new MemoryHost(clock),
      overrides: {
        function: (RED, kit) => {
          function Own(this: never, config: never) {
            RED.nodes.createNode(this, config);
            kit.planOf(this).onClose(() => closed++);
          }
          RED.nodes.registerType("function", Own);
        },
      },
    });
    const graph = graphOf([inject(1, "f"), code("f", "")]);
    await engine.plan(graph);
    await engine.plan(graph);
    await engine.forget("graph");
    expect(closed).toBe(1);
    expect(() => engine.start({ runId: "r", graph: "graph", start: { node: "in" } })).toThrow(/not planned/);
    await engine.plan(graph);
    await engine.close();
    expect(closed).toBe(2);
  });
});

describe("the environment", () => {
  it("is that of the node's group, the groups around it, the tab, and global", async () => {
    const graph = graphOf([
      {
        id: "g1",
        type: "group",
        env: [
          { name: "A", type: "str", value: "group 1" },
          { name: "B", type: "num", value: "5" },
        ],
      },
      {
        id: "g2",
        type: "group",
        g: "g1",
        env: [
          { name: "A", type: "str", value: "group 2" },
          { name: "P", type: "env", value: "$parent.A" },
        ],
      },
      inject(1, "a", "b", "p", "t", "g", "n"),
      { ...env("a", "A", "out"), g: "g2" },
      { ...env("b", "B", "out"), g: "g2" },
      { ...env("p", "P", "out"), g: "g2" },
      env("t", "A", "out"),
      { ...env("g", "G", "out"), g: "g1" },
      env("n", "NR_FLOW_NAME", "out"),
      debug(),
    ]);
    Object.assign(graph.nodes[0]!, { env: [{ name: "A", type: "str", value: "tab" }] });
    graph.nodes.push({ id: "global", type: "global-config", env: [{ name: "G", type: "json", value: '{"x":1}' }] });
    expect(await seen(graph)).toEqual(["group 2", 5, "group 1", "tab", { x: 1 }, "Tab"]);
  });

  it("fills properties that are a reference as a whole, also in credentials", async () => {
    const graph = graphOf([inject(1, "d"), { ...delay("d", "${WAIT}", "out"), timeoutUnits: "milliseconds" }, debug()]);
    Object.assign(graph.nodes[0]!, { env: [{ name: "WAIT", type: "num", value: "1234" }] });
    const clock = new HandClock();
    const before = clock.now();
    await live(graph, { clock });
    expect(clock.now() - before).toBe(1_234);
  });

  it("of a subflow is what the instance sets, then what the subflow sets, credentials included", async () => {
    const graph = graphOf([
      {
        id: "sub",
        type: "subflow",
        env: [
          { name: "X", type: "str", value: "default" },
          { name: "Y", type: "str", value: "default" },
          { name: "KEY", type: "cred" },
        ],
        in: [{ wires: [{ id: "x" }] }],
        out: [{ wires: [{ id: "x", port: 0 }] }],
      },
      {
        ...change("x", '$env("X") & " " & $env("Y") & " " & $env("KEY") & " " & $env("NR_SUBFLOW_NAME")'),
        z: "sub",
      },
      inject(1, "one", "two"),
      {
        id: "one",
        type: "subflow:sub",
        name: "One",
        env: [
          { name: "X", type: "str", value: "own" },
          { name: "KEY", type: "cred" },
        ],
        wires: [["out"]],
      },
      { id: "two", type: "subflow:sub", name: "Two", wires: [["out"]] },
      debug(),
    ]);
    graph.credentials = { sub: { KEY: "template" }, one: { KEY: "secret" } };
    expect(await seen(graph)).toEqual(["own default secret One", "default default template Two"]);
  });
});

describe("who hears of errors, status and completion", () => {
  const throwing = (id: string, more: object = {}) => ({ ...code(id, `throw new Error("${id}")`), ...more });
  const catching = (id: string, more: object) => ({
    id,
    type: "catch",
    scope: null,
    uncaught: false,
    ...more,
    wires: [[`${id} says`]],
  });
  const says = (id: string) => change(`${id} says`, `"${id}: " & error.message`, "out");

  it("is the catch node of the same group, the nearest first, those of other groups not", async () => {
    expect(
      await seen(
        graphOf([
          { id: "g1", type: "group" },
          { id: "g2", type: "group", g: "g1" },
          { id: "g3", type: "group" },
          inject(1, "f"),
          throwing("f", { g: "g2" }),
          catching("outer", { g: "g1", scope: "group" }),
          catching("inner", { g: "g2", scope: "group" }),
          catching("other", { g: "g3", scope: "group" }),
          catching("all", {}),
          catching("rest", { uncaught: true }),
          ...["outer", "inner", "other", "all", "rest"].map(says),
          debug(),
        ]),
      ),
    ).toEqual(["inner: Error: f", "outer: Error: f", "all: Error: f"]);
  });

  it("is, for a subflow without catch nodes, who watches the instance", async () => {
    expect(
      await seen(
        graphOf([
          { id: "sub", type: "subflow", in: [{ wires: [{ id: "f" }] }], out: [] },
          throwing("f", { z: "sub" }),
          inject(1, "one", "two"),
          { id: "one", type: "subflow:sub", wires: [] },
          { id: "two", type: "subflow:sub", wires: [] },
          catching("of one", { scope: ["one"] }),
          says("of one"),
          catching("rest", { uncaught: true }),
          says("rest"),
          debug(),
        ]),
      ),
    ).toEqual(["of one: Error: f", "rest: Error: f"]);
  });

  it("is told ten times at most when the error comes back to its source", async () => {
    const { how, host } = await live(
      graphOf([inject(1, "f"), throwing("f"), { ...catching("c", {}), wires: [["f"]] }]),
    );
    expect(how.status).toBe("failed");
    expect(host.steps.filter(({ node, msg }) => node === "f" && msg)).toHaveLength(10);
    expect(host.events("log").map(({ message }) => message)).toContain("Message exceeded maximum number of catches");
  });

  it("is a status output of a subflow, which speaks for the instance", async () => {
    const graph = graphOf([
      {
        id: "sub",
        type: "subflow",
        in: [{ wires: [{ id: "f" }] }],
        out: [],
        status: { wires: [{ id: "f", port: 0 }] },
      },
      { ...code("f", `node.status({ text: "hidden" }); send({ payload: "shown" }); done();`), z: "sub" },
      inject(1, "one"),
      { id: "one", type: "subflow:sub", wires: [] },
      { id: "status", type: "status", scope: ["one"], wires: [["s"]] },
      change("s", "status.text", "out"),
      debug(),
    ]);
    expect(await seen(graph)).toEqual(["shown"]);
  });

  it("is the complete node of the nodes that it names, and of none that never say so", async () => {
    expect(
      await seen(
        graphOf([
          inject(1, "a", "sw"),
          change("a", "payload + 1"),
          {
            id: "sw",
            type: "switch",
            property: "payload",
            propertyType: "msg",
            rules: [{ t: "else" }],
            checkall: "true",
            wires: [[]],
          },
          { id: "c", type: "complete", scope: ["a", "sw"], wires: [["x"]] },
          change("x", "complete.source.id & payload", "out"),
          debug(),
        ]),
      ),
    ).toEqual(["a2"]);
  });
});

describe("contexts", () => {
  it("are the workspace's for flow and global, told with the step that wrote; a subflow sees its parent's", async () => {
    const graph = graphOf([
      { id: "sub", type: "subflow", in: [{ wires: [{ id: "f" }] }], out: [{ wires: [{ id: "f", port: 0 }] }] },
      {
        ...code(
          "f",
          `const { flow, global } = node.context();
           flow.set("own", 1); flow.set("$parent.n", flow.get("$parent.n") + 1); global.set("g.deep", { at: new Date(0) });
           msg.payload = [flow.get("own"), flow.get("$parent.n"), flow.keys()]; send(msg); done();`,
        ),
        z: "sub",
      },
      inject(1, "one"),
      { id: "one", type: "subflow:sub", wires: [["out"]] },
      debug(),
    ]);
    graph.space = "doc_1";
    const clock = new HandClock();
    const host = new MemoryHost(clock);
    const { debug: shown, host: told } = await live(graph, {
      clock,
      engine: {},
      meanwhile: (engine) => {
        engine.setContexts([{ scope: "flow:doc_1:tab", key: "n", value: "41" }], true);
        return Promise.resolve();
      },
    });
    expect(host.batches).toEqual([]);
    expect(shown).toEqual([[1, 42, ["own"]]]);
    expect(told.steps.find(({ context }) => context)?.context).toEqual([
      { scope: "flow:doc_1:one", key: "own", value: "1" },
      { scope: "flow:doc_1:tab", key: "n", value: "42" },
      { scope: "global", key: "g", value: '{"deep":{"at":{"$date":"1970-01-01T00:00:00.000Z"}}}' },
    ]);
  });

  it("take arrays of keys, stores and callbacks as Node-RED's memory store does", async () => {
    const { debug: shown } = await live(
      graphOf([
        inject(1, "f"),
        code(
          "f",
          `const c = node.context(); c.set(["a", "b.c"], [1, 2]); c.set("#:(memory)::d", 3);
           const out = [c.get(["a", "b.c", "x"]), c.get("d"), c.get("b"), c.keys(), c.get("b.x.y")];
           c.get(["a", "d"], (error, ...values) => out.push(values));
           c.get("", (error) => out.push(error.message));
           c.set("b", undefined, () => { out.push(c.keys()); msg.payload = out; send(msg); done(); });`,
          "out",
        ),
        debug(),
      ]),
    );
    const missing = { __enc__: true, type: "undefined" }; // as Node-RED's editor is told
    expect(shown).toEqual([
      [[1, 2, missing], 3, { c: 2 }, ["a", "b", "d"], missing, [1, 3], "Invalid context key", ["a", "d"]],
    ]);
  });
});
