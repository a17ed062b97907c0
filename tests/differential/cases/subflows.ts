import { flow, fn, inside, node, out, TAB, type Case, type TestNode } from "../case.ts";

const subflow = (id: string, more: Record<string, unknown>): TestNode => ({
  id,
  type: "subflow",
  name: id,
  info: "",
  in: [],
  out: [],
  env: [],
  ...more,
});
const entry = (...ids: string[]) => [{ x: 0, y: 0, wires: ids.map((id) => ({ id })) }];
const exit = (...from: [id: string, port: number][]) => [
  { x: 0, y: 0, wires: from.map(([id, port]) => ({ id, port })) },
];

/** Subflows, groups, environment. */
export const subflows: Case[] = [
  flow("a subflow between two nodes", { payload: 1 }, [
    subflow("sf", { in: entry("a"), out: exit(["a", 0]) }),
    ...inside("sf", [fn("a", "msg.payload += 1; return msg;", [])]),
    fn("in", "return msg;", ["i1"]),
    node("i1", "subflow:sf", {}, ["i2"]),
    node("i2", "subflow:sf", {}, ["out"]),
    out(),
  ]),
  flow("a subflow with two outputs, one straight from its input", { payload: 1 }, [
    subflow("sf", { in: entry("a"), out: [...exit(["a", 0]), ...exit(["sf", 0])] }),
    ...inside("sf", [fn("a", "msg.payload = 'changed'; return msg;", [])]),
    node("in", "subflow:sf", {}, ["out1"], ["out2"]),
    out("out1"),
    out("out2"),
  ]),
  flow("each instance has its own environment, with the definition's as default", { payload: 1 }, [
    subflow("sf", {
      in: entry("a"),
      out: exit(["a", 0]),
      env: [
        { name: "FACTOR", type: "num", value: "2" },
        { name: "UNIT", type: "str", value: "kg" },
      ],
    }),
    ...inside("sf", [fn("a", "msg.payload = msg.payload * env.get('FACTOR') + env.get('UNIT'); return msg;", [])]),
    fn("in", "return msg;", ["i1", "i2"]),
    node("i1", "subflow:sf", {}, ["out1"]),
    node("i2", "subflow:sf", { env: [{ name: "FACTOR", type: "num", value: "7" }] }, ["out2"]),
    out("out1"),
    out("out2"),
  ]),
  flow("a subflow in a subflow sees its own, its parent's and the tab's environment", { payload: "" }, [
    { ...TAB, env: [{ name: "SITE", type: "str", value: "Ulm" }] },
    subflow("inner", { in: entry("a"), out: exit(["a", 0]), env: [{ name: "LEVEL", type: "str", value: "inner" }] }),
    ...inside("inner", [
      fn(
        "a",
        "msg.payload = [env.get('LEVEL'), env.get('LINE'), env.get('SITE'), env.get('$parent.LEVEL'), env.get('NR_SUBFLOW_NAME')]; return msg;",
        [],
      ),
    ]),
    subflow("outer", {
      in: entry("i"),
      out: exit(["i", 0]),
      env: [
        { name: "LEVEL", type: "str", value: "outer" },
        { name: "LINE", type: "str", value: "L1" },
      ],
    }),
    ...inside("outer", [node("i", "subflow:inner", { name: "the inner one" })]),
    node("in", "subflow:outer", { name: "the outer one" }, ["out"]),
    out(),
  ]),
  flow("an error in a subflow is the parent's to catch, reported by the instance", { payload: 1 }, [
    subflow("sf", { in: entry("a"), out: exit(["a", 0]) }),
    ...inside("sf", [fn("a", "throw new Error('deep');", [])]),
    node("in", "subflow:sf", { name: "box" }, ["out1"]),
    node("c", "catch", { scope: ["in"], uncaught: false }, ["pick"]),
    fn("pick", "return {payload: [msg.error.message, msg.error.source.type, msg.error.source.name]};", ["out2"]),
    out("out1"),
    out("out2"),
  ]),
  flow("an error that the subflow catches itself goes no further", { payload: 1 }, [
    subflow("sf", { in: entry("a"), out: exit(["fix", 0]) }),
    ...inside("sf", [
      fn("a", "throw new Error('deep');", []),
      node("sc", "catch", { scope: null, uncaught: false }, ["fix"]),
      fn("fix", "return {payload: 'fixed ' + msg.error.message};", []),
    ]),
    node("in", "subflow:sf", {}, ["out1"]),
    node("c", "catch", { scope: null, uncaught: false }, ["out2"]),
    out("out1"),
    out("out2"),
  ]),
  flow("the status of a subflow is what its status output says", { payload: "busy" }, [
    subflow("sf", { in: entry("a"), out: [], status: { x: 0, y: 0, wires: [{ id: "a", port: 0 }] } }),
    ...inside("sf", [fn("a", "return {payload: {fill: 'blue', text: 'is ' + msg.payload}};", [])]),
    node("in", "subflow:sf", {}),
    node("s", "status", { scope: ["in"] }, ["pick"]),
    fn("pick", "return {payload: [msg.status.text, msg.status.fill, msg.status.source.id]};", ["out"]),
    out(),
  ]),
  flow("flow context within a subflow is its own, $parent the tab's", { payload: 1 }, [
    subflow("sf", { in: entry("a"), out: exit(["a", 0]) }),
    ...inside("sf", [
      fn(
        "a",
        "flow.set('n', (flow.get('n') || 0) + 1); flow.set('$parent.total', (flow.get('$parent.total') || 0) + 10); msg.payload = [flow.get('n'), flow.get('$parent.total')]; return msg;",
        [],
      ),
    ]),
    fn("in", "return msg;", ["i1"]),
    node("i1", "subflow:sf", {}, ["out1", "i2"]),
    node("i2", "subflow:sf", {}, ["out2"]),
    out("out1"),
    out("out2"),
  ]),
  flow("a group's environment, and a group in a group", { payload: 1 }, [
    {
      ...TAB,
      env: [
        { name: "A", type: "str", value: "tab" },
        { name: "B", type: "str", value: "tab" },
        { name: "C", type: "str", value: "tab" },
      ],
    },
    {
      id: "g1",
      type: "group",
      z: "t",
      nodes: ["g2", "a"],
      env: [
        { name: "A", type: "str", value: "g1" },
        { name: "B", type: "str", value: "g1" },
      ],
      x: 0,
      y: 0,
      w: 10,
      h: 10,
      name: "outer",
    },
    {
      id: "g2",
      type: "group",
      z: "t",
      g: "g1",
      nodes: ["b"],
      env: [{ name: "A", type: "str", value: "g2" }],
      x: 0,
      y: 0,
      w: 10,
      h: 10,
      name: "inner",
    },
    fn("in", "return [msg, msg];", ["a"], ["b"]),
    {
      ...fn("a", "msg.payload = ['A', 'B', 'C', 'NR_GROUP_NAME'].map(k => env.get(k)); return msg;", ["out1"]),
      g: "g1",
    },
    {
      ...fn("b", "msg.payload = ['A', 'B', 'C', 'NR_GROUP_NAME'].map(k => env.get(k)); return msg;", ["out2"]),
      g: "g2",
    },
    out("out1"),
    out("out2"),
  ]),
  flow("what the environment of a tab may be: text, number, boolean, JSON, JSONata, other variables", { payload: 1 }, [
    {
      ...TAB,
      label: "My tab",
      env: [
        { name: "TEXT", type: "str", value: "t" },
        { name: "NUM", type: "num", value: "4.5" },
        { name: "BOOL", type: "bool", value: "true" },
        { name: "JSON", type: "json", value: '{"a":[1]}' },
        { name: "CALC", type: "jsonata", value: "1 + 2" },
        { name: "OTHER", type: "env", value: "TEXT" },
      ],
    },
    fn(
      "in",
      "msg.payload = ['TEXT', 'NUM', 'BOOL', 'JSON', 'CALC', 'OTHER', 'NR_FLOW_NAME', 'NR_NODE_ID', 'MISSING'].map(k => env.get(k)); return msg;",
      ["out"],
    ),
    out(),
  ]),
  flow("a property of a node names a variable", { payload: "a", topic: "TEXT" }, [
    {
      ...TAB,
      env: [
        { name: "WORD", type: "str", value: "hello" },
        { name: "NUM", type: "num", value: "3" },
      ],
    },
    node(
      "in",
      "change",
      {
        rules: [
          { t: "set", p: "payload", pt: "msg", to: "${WORD}", tot: "str" },
          { t: "set", p: "n", pt: "msg", to: "NUM", tot: "env" },
          { t: "set", p: "mixed", pt: "msg", to: "x-${WORD}-${NUM}", tot: "env" },
        ],
      },
      ["out"],
    ),
    out(),
  ]),
  flow("global environment of the configuration node", { payload: 1 }, [
    TAB,
    { id: "gc", type: "global-config", env: [{ name: "PLANT", type: "str", value: "West" }], modules: {} },
    fn("in", "msg.payload = env.get('PLANT'); return msg;", ["out"]),
    out(),
  ]),
];
