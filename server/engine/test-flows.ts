import type { Graph, Start } from "#server/engine/contract.ts";
import { graphOf } from "#server/engine/test-engine.ts";

interface TestFlow {
  name: string;
  graph: Graph;
  start?: Start;
  answer?: (op: string, args: unknown) => unknown;
}

const inject = (payload: unknown, ...next: string[]) => ({
  id: "in",
  type: "inject",
  props: [
    { p: "payload", v: JSON.stringify(payload), vt: "json" },
    { p: "topic", v: "t", vt: "str" },
  ],
  wires: [next],
});
const debug = (id = "out") => ({ id, type: "debug", active: true, complete: "payload", wires: [] });
const change = (id: string, to: string, ...next: string[]) => ({
  id,
  type: "change",
  rules: [{ t: "set", p: "payload", pt: "msg", to, tot: "jsonata" }],
  wires: [next],
});
const code = (id: string, text: string, ...next: string[]) => ({ id, type: "function", code: text, wires: [next] });
const split = (...next: string[]) => ({
  id: "split",
  type: "split",
  splt: "\\n",
  spltType: "str",
  arraySplt: 1,
  wires: [next],
});
const delay = (id: string, ms: string, ...next: string[]) => ({
  id,
  type: "delay",
  pauseType: "delay",
  timeout: ms,
  timeoutUnits: "milliseconds",
  wires: [next],
});
const join = (more: object, ...next: string[]) => ({
  id: "join",
  type: "join",
  mode: "auto",
  build: "array",
  property: "payload",
  propertyType: "msg",
  ...more,
  wires: [next],
});
const rate = (more: object) => ({
  id: "rate",
  type: "delay",
  pauseType: "rate",
  timeout: "1",
  timeoutUnits: "seconds",
  rate: "2",
  nbRateUnits: "1",
  rateUnits: "second",
  ...more,
});

/** Flows for the tests of recovery: each has what makes it hard in its name. */
export const FLOWS: TestFlow[] = [
  {
    name: "fan-out to three branches",
    graph: graphOf([
      inject({ n: 1 }, "a", "b", "c"),
      change("a", "payload.n + 1", "out"),
      change("b", "payload.n + 2", "out"),
      { id: "c", type: "template", field: "payload", template: "{{payload.n}}", syntax: "mustache", wires: [["out"]] },
      debug(),
    ]),
  },
  {
    name: "split and join",
    graph: graphOf([
      inject([1, 2, 3, 4], "split"),
      split("x"),
      change("x", "payload * 10", "join"),
      join({}, "out"),
      debug(),
    ]),
  },
  {
    name: "a join that times out on what it has",
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("join"),
      join({ mode: "custom", count: "5", timeout: "2", useparts: false, joiner: "\\n" }, "out"),
      debug(),
    ]),
  },
  {
    name: "a join that never gets all",
    graph: graphOf([
      inject([1, 2], "split"),
      split("join", "out"),
      join({ mode: "custom", count: "3", joiner: "" }, "after"),
      debug(),
      debug("after"),
    ]),
  },
  {
    name: "a reduction with JSONata",
    graph: graphOf([
      inject([3, 1, 2], "split"),
      split("join"),
      join(
        { mode: "reduce", reduceExp: "$A + payload", reduceInit: "0", reduceInitType: "num", reduceFixup: "$A * 2" },
        "out",
      ),
      debug(),
    ]),
  },
  {
    name: "delays of different length",
    graph: graphOf([
      inject("x", "a", "b", "c"),
      delay("a", "300", "a2"),
      delay("b", "100", "out"),
      delay("c", "200", "out"),
      delay("a2", "1500", "out"),
      debug(),
    ]),
  },
  {
    name: "a random delay",
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("r"),
      {
        id: "r",
        type: "delay",
        pauseType: "random",
        timeout: "1",
        timeoutUnits: "seconds",
        randomFirst: "100",
        randomLast: "900",
        randomUnits: "milliseconds",
        wires: [["out"]],
      },
      debug(),
    ]),
  },
  {
    name: "a rate limit",
    graph: graphOf([inject([1, 2, 3, 4], "split"), split("rate"), { ...rate({}), wires: [["out"]] }, debug()]),
  },
  {
    name: "a rate limit that drops",
    graph: graphOf([
      inject([1, 2, 3, 4], "split"),
      split("slow"),
      {
        id: "slow",
        type: "delay",
        pauseType: "rate",
        rate: "5",
        rateUnits: "second",
        nbRateUnits: "1",
        wires: [["rate"]],
      },
      { ...rate({ drop: true, outputs: 2 }), wires: [["out"], ["lost"]] },
      debug(),
      debug("lost"),
    ]),
  },
  {
    name: "a fair queue by topic",
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("t"),
      change("t", "payload", "t2"),
      {
        id: "t2",
        type: "change",
        rules: [{ t: "set", p: "topic", pt: "msg", to: "payload", tot: "msg" }],
        wires: [["q"]],
      },
      { ...rate({ pauseType: "queue" }), id: "q", wires: [["out"]] },
      debug(),
    ]),
  },
  {
    name: "a trigger with a second message",
    graph: graphOf([
      inject([1, 2, 3], "split", "late"),
      split("trigger"),
      delay("late", "600", "trigger"),
      {
        id: "trigger",
        type: "trigger",
        op1: "1",
        op2: "0",
        op1type: "str",
        op2type: "payl",
        duration: "250",
        units: "ms",
        extend: false,
        bytopic: "all",
        outputs: 1,
        wires: [["out"]],
      },
      debug(),
    ]),
  },
  {
    name: "a trigger that is extended",
    graph: graphOf([
      inject([1, 2, 3, 4], "split"),
      split("rate"),
      { ...rate({ rate: "10" }), wires: [["trigger"]] },
      {
        id: "trigger",
        type: "trigger",
        op1: "first",
        op2: "last",
        op1type: "str",
        op2type: "str",
        duration: "250",
        units: "ms",
        extend: "true",
        bytopic: "all",
        outputs: 2,
        wires: [["out"], ["end"]],
      },
      debug(),
      debug("end"),
    ]),
  },
  {
    name: "batches that overlap",
    graph: graphOf([
      inject([1, 2, 3, 4, 5], "split"),
      split("batch"),
      { id: "batch", type: "batch", mode: "count", count: "3", overlap: "1", wires: [["join"]] },
      join({}, "out"),
      debug(),
    ]),
  },
  {
    name: "batches by time",
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("rate"),
      { ...rate({}), wires: [["batch"]] },
      { id: "batch", type: "batch", mode: "interval", interval: "1", wires: [["join"]] },
      join({}, "out"),
      debug(),
    ]),
  },
  {
    name: "a sorted sequence",
    graph: graphOf([
      inject([3, 1, 2], "split"),
      split("sort"),
      {
        id: "sort",
        type: "sort",
        target: "",
        targetType: "seq",
        seqKey: "payload",
        seqKeyType: "msg",
        order: "ascending",
        wires: [["join"]],
      },
      join({}, "out"),
      debug(),
    ]),
  },
  {
    name: "a switch that repairs sequences",
    graph: graphOf([
      inject([1, 5, 2, 6, 7], "split"),
      split("switch"),
      {
        id: "switch",
        type: "switch",
        property: "payload",
        propertyType: "msg",
        rules: [{ t: "gt", v: "4", vt: "num" }, { t: "else" }],
        checkall: "true",
        repair: true,
        outputs: 2,
        wires: [["join"], ["join"]],
      },
      join({}, "out"),
      debug(),
    ]),
  },
  {
    name: "a filter",
    graph: graphOf([
      inject([1, 1, 2, 2, 1], "split"),
      split("rbe"),
      { id: "rbe", type: "rbe", func: "rbe", property: "payload", septopics: true, topi: "topic", wires: [["out"]] },
      debug(),
    ]),
  },
  {
    name: "csv and its rows",
    graph: graphOf([
      inject("a,b\n1,2\n3,4", "csv"),
      {
        id: "csv",
        type: "csv",
        sep: ",",
        hdrin: true,
        hdrout: "none",
        multi: "one",
        ret: "\\n",
        temp: "",
        skip: "0",
        strings: true,
        spec: "rfc",
        wires: [["x"]],
      },
      change("x", "payload.a + payload.b", "join"),
      join({}, "out"),
      debug(),
    ]),
  },
  {
    name: "a link call that comes back later",
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
    answer: (_op, args) => JSON.stringify(args),
  },
  {
    name: "an answer to an http request",
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
