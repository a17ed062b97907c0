import { graphOf } from "#server/engine/test-engine.ts";
import { inject, debug, change, code, split, delay, join, type TestFlow } from "#server/engine/test-nodes.ts";

export const ROUTING: TestFlow[] = [
  {
    name: "fan-out to three branches",
    comes: [2, 3, "1"],
    graph: graphOf([
      inject({ n: 1 }, "a", "b", "c"),
      change("a", "payload.n + 1", "out"),
      change("b", "payload.n + 2", "out"),
      { id: "c", type: "template", field: "payload", template: "{{payload.n}}", syntax: "mustache", wires: [["out"]] },
      debug(),
    ]),
  },
  {
    name: "a link call that comes back later",
    comes: [2, 4],
    graph: graphOf([
      inject([1, 2], "split"),
      split("call"),
      { id: "call", type: "link call", links: ["entry"], linkType: "static", timeout: "30", wires: [["out"]] },
      { id: "entry", type: "link in", links: [], wires: [["wait"]] },
      delay("wait", "400", "double"),
      change("double", "payload * 2", "back"),
      { id: "back", type: "link out", mode: "return", links: [], wires: [] },
      debug(),
    ]),
  },
  {
    name: "a link call that times out",
    comes: [1, 1],
    graph: graphOf([
      inject(1, "call"),
      { id: "call", type: "link call", links: ["entry"], linkType: "static", timeout: "1", wires: [["never"]] },
      { id: "entry", type: "link in", links: [], wires: [["out"]] },
      { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["caught"]] },
      debug(),
      debug("never"),
      { ...debug("caught"), complete: "error.message" },
    ]),
  },
  {
    name: "links between places",
    comes: [2, 3],
    graph: graphOf([
      inject(1, "lo"),
      { id: "lo", type: "link out", mode: "link", links: ["li", "li2"], wires: [] },
      { id: "li", type: "link in", links: ["lo"], wires: [["a"]] },
      { id: "li2", type: "link in", links: ["lo"], wires: [["b"]] },
      change("a", "payload + 1", "out"),
      change("b", "payload + 2", "out"),
      debug(),
    ]),
  },
  {
    name: "contexts that are counted up",
    comes: [
      { n: 1, all: [1], last: 1 },
      { n: 2, all: [1, 2], last: 2 },
      { n: 3, all: [1, 2, 3], last: 3 },
      { n: 4, all: [1, 2, 3, 4], last: 4 },
    ],
    graph: graphOf([
      inject([1, 2, 3, 4], "split"),
      split("f"),
      code(
        "f",
        `const c = node.context(); const n = (c.get("n") || 0) + 1; c.set("n", n);
         const all = (c.flow.get("all") || []).concat(msg.payload); c.flow.set("all", all);
         c.global.set("deep.last", msg.payload);
         msg.payload = { n, all, last: c.global.get("deep.last") }; send(msg); done();`,
        "out",
      ),
      debug(),
    ]),
  },
  {
    name: "a function that sends later",
    comes: ["<now>", "<later>", "<last>"],
    graph: graphOf([
      inject(1, "f"),
      code(
        "f",
        `send({ payload: "now" });
         timers.setTimeout(() => { send({ payload: "later" }); timers.setTimeout(() => send({ payload: "last" }), 500); }, 300);
         done();`,
        "x",
      ),
      change("x", '"<" & payload & ">"', "out"),
      debug(),
    ]),
  },
  {
    name: "errors, some caught",
    comes: [1, 3, "Error: twoE_TWO"],
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("f"),
      code(
        "f",
        `if (msg.payload === 2) throw Object.assign(new Error("two"), { code: "E_TWO" }); send(msg); done();`,
        "out",
      ),
      { id: "catch", type: "catch", scope: ["f"], uncaught: false, wires: [["x"]] },
      change("x", "error.message & error.code", "out"),
      debug(),
    ]),
  },
  {
    name: "an error that nobody catches",
    comes: [1, 3],
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("f"),
      code(
        "f",
        `if (msg.payload === 2) { done(Object.assign(new Error("two"), { code: "E_TWO" })); return; } send(msg); done();`,
        "wait",
      ),
      delay("wait", "500", "out"),
      debug(),
    ]),
  },
  {
    name: "status and complete nodes",
    comes: [1, "busy", null, "complete f"],
    graph: graphOf([
      inject(1, "f"),
      code("f", `node.status({ fill: "blue", text: "busy" }); send(msg); node.status({}); done();`, "out"),
      { id: "status", type: "status", scope: ["f"], wires: [["s"]] },
      change("s", "$string(status.text)", "out"),
      { id: "complete", type: "complete", scope: ["f"], wires: [["c"]] },
      change("c", '"complete " & complete.source.id', "wait"),
      delay("wait", "200", "out"),
      debug(),
    ]),
  },
  {
    name: "a subflow in a subflow",
    comes: [11, 2],
    graph: graphOf([
      {
        id: "sub",
        type: "subflow",
        name: "Outer",
        env: [{ name: "ADD", type: "num", value: "1" }],
        in: [{ x: 0, y: 0, wires: [{ id: "s1" }] }],
        out: [{ x: 0, y: 0, wires: [{ id: "inner", port: 0 }] }],
      },
      {
        id: "s1",
        type: "change",
        z: "sub",
        rules: [{ t: "set", p: "add", pt: "msg", to: "ADD", tot: "env" }],
        wires: [["inner"]],
      },
      { id: "inner", type: "subflow:sub2", z: "sub", wires: [[]] },
      {
        id: "sub2",
        type: "subflow",
        name: "Inner",
        in: [{ x: 0, y: 0, wires: [{ id: "n1" }] }],
        out: [{ x: 0, y: 0, wires: [{ id: "n2", port: 0 }] }],
      },
      { ...change("n1", "payload + add", "n2"), z: "sub2" },
      { ...delay("n2", "250"), z: "sub2" },
      inject(1, "one", "two"),
      { id: "one", type: "subflow:sub", env: [{ name: "ADD", type: "num", value: "10" }], wires: [["out"]] },
      { id: "two", type: "subflow:sub", wires: [["out"]] },
      debug(),
    ]),
  },
  {
    name: "calls to the host",
    comes: [
      [
        ["first", "a 1"],
        ["second", "b a 1"],
        ["first", "a 2"],
        ["second", "b a 2"],
      ],
    ],
    graph: graphOf([
      inject([1, 2], "split"),
      split("f"),
      code(
        "f",
        `call("tool.call", { name: "a", args: msg.payload }).then(async (one) => {
           send({ payload: ["first", one] });
           const two = await call("tool.call", { name: "b", args: one });
           send({ payload: ["second", two] }); done();
         });`,
        "wait",
      ),
      delay("wait", "100", "join"),
      join({ mode: "custom", count: "4", joiner: "" }, "out"),
      debug(),
    ]),
    answer: (_op, args) => Object.values(args as Record<string, unknown>).join(" "),
  },
  {
    name: "an answer to an http request",
    comes: [2],
    graph: graphOf([
      { id: "in", type: "http in", url: "/x", method: "post", wires: [["x"]] },
      change("x", "payload.a + 1", "reply", "wait"),
      { id: "reply", type: "http response", statusCode: "201", headers: { "X-Own": "1" }, wires: [] },
      delay("wait", "300", "out"),
      debug(),
    ]),
    start: { node: "in", msg: JSON.stringify({ req: { method: "POST", url: "/x" }, payload: { a: 1 } }) },
    answer: () => ({}),
  },
];
