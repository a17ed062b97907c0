import { flow, fn, node, out, type Case } from "../case.ts";

const rule = (t: string, v?: string, vt = "str", more = {}) => ({ t, ...(v === undefined ? {} : { v, vt }), ...more });
const many = (values: unknown[]) => fn("in", `return [${JSON.stringify(values)}.map(payload => ({payload}))];`, ["n"]);
const outs = (count: number) => Array.from({ length: count }, (_, i) => out(`out${i + 1}`));
const wires = (count: number) => Array.from({ length: count }, (_, i) => [`out${i + 1}`]);

/** Switch, change, range, template, filter, parsers, context. */
export const logic: Case[] = [
  flow("switch: comparisons, all rules", { payload: 1 }, [
    many([1, 5, "5", 10, "text", null]),
    node(
      "n",
      "switch",
      {
        property: "payload",
        propertyType: "msg",
        checkall: "true",
        repair: false,
        outputs: 6,
        rules: [
          rule("eq", "5", "num"),
          rule("lt", "5", "num"),
          rule("gte", "5", "num"),
          rule("neq", "5"),
          rule("null"),
          rule("else"),
        ],
      },
      ...wires(6),
    ),
    ...outs(6),
  ]),
  flow("switch: stops at the first rule that fits", { payload: 1 }, [
    many([1, 50, "abc", true, [], { a: 1 }]),
    node(
      "n",
      "switch",
      {
        property: "payload",
        propertyType: "msg",
        checkall: "false",
        repair: false,
        outputs: 6,
        rules: [
          rule("btwn", "10", "num", { v2: "60", v2t: "num" }),
          rule("cont", "b"),
          rule("true"),
          rule("empty"),
          rule("hask", "a"),
          rule("else"),
        ],
      },
      ...wires(6),
    ),
    ...outs(6),
  ]),
  flow("switch: patterns, types and JSONata", { payload: 1 }, [
    many(["AB-12", "ab-12", 7, { total: 200 }, [1, 2], "x"]),
    node(
      "n",
      "switch",
      {
        property: "payload",
        propertyType: "msg",
        checkall: "true",
        repair: false,
        outputs: 5,
        rules: [
          rule("regex", "^ab-\\d+$", "str", { case: true }),
          rule("istype", "number", "number"),
          rule("istype", "array", "array"),
          rule("jsonata_exp", "payload.total > 100", "jsonata"),
          rule("else"),
        ],
      },
      ...wires(5),
    ),
    ...outs(5),
  ]),
  flow("switch: against what it saw before, and against the flow's context", { payload: 1 }, [
    fn("in", "flow.set('limit', 3); return [[1, 4, 4, 2].map(payload => ({payload}))];", ["n"]),
    node(
      "n",
      "switch",
      {
        property: "payload",
        propertyType: "msg",
        checkall: "true",
        repair: false,
        outputs: 2,
        rules: [rule("gt", "limit", "flow"), rule("eq", "", "prev")],
      },
      ["out1"],
      ["out2"],
    ),
    ...outs(2),
  ]),
  flow("switch: sequences put together anew", { payload: [1, 2, 3, 4, 5] }, [
    node(
      "in",
      "split",
      { splt: "\\n", spltType: "str", arraySplt: 1, arraySpltType: "len", stream: false, addname: "" },
      ["n"],
    ),
    node(
      "n",
      "switch",
      {
        property: "payload",
        propertyType: "msg",
        checkall: "true",
        repair: true,
        outputs: 2,
        rules: [rule("lt", "3", "num"), rule("else")],
      },
      ["j1"],
      ["j2"],
    ),
    node("j1", "join", { mode: "auto" }, ["out1"]),
    node("j2", "join", { mode: "auto" }, ["out2"]),
    ...outs(2),
  ]),
  flow("change: set, change, delete, move", { payload: "the old text", topic: "t", list: [1, 2, 3], n: { a: 1 } }, [
    node(
      "in",
      "change",
      {
        rules: [
          { t: "change", p: "payload", pt: "msg", from: "old", fromt: "str", to: "new", tot: "str" },
          { t: "move", p: "topic", pt: "msg", to: "n.topic", tot: "msg" },
          { t: "delete", p: "list[1]", pt: "msg" },
          { t: "set", p: "flag", pt: "msg", to: "true", tot: "bool" },
          { t: "set", p: "copy", pt: "msg", to: "n", tot: "msg", dc: true },
          { t: "set", p: "n.a", pt: "msg", to: "99", tot: "num" },
        ],
      },
      ["out"],
    ),
    out(),
  ]),
  flow(
    "change: JSONata, with context and environment in it",
    {
      payload: [
        { q: 2, p: 3 },
        { q: 1, p: 10 },
      ],
    },
    [
      node(
        "in",
        "change",
        {
          rules: [
            { t: "set", p: "factor", pt: "flow", to: "2", tot: "num" },
            { t: "set", p: "name", pt: "global", to: "West", tot: "str" },
            {
              t: "set",
              p: "payload",
              pt: "msg",
              to: '{"total": $sum(payload.(q * p)) * $flowContext("factor"), "at": $globalContext("name"), "flow": $env("NR_FLOW_NAME")}',
              tot: "jsonata",
            },
          ],
        },
        ["out"],
      ),
      out(),
    ],
  ),
  flow("change: a JSONata mistake goes to the catch node", { payload: 1 }, [
    node("in", "change", { rules: [{ t: "set", p: "payload", pt: "msg", to: "$number('x')", tot: "jsonata" }] }, [
      "out1",
    ]),
    node("c", "catch", { scope: null, uncaught: false }, ["pick"]),
    fn("pick", "return {payload: [msg.error.source.id, typeof msg.error.message]};", ["out2"]),
    ...outs(2),
  ]),
  flow("range: scaled, limited, wrapped, and what is no number", { payload: 1 }, [
    many([0, 5, 10, 15, "x"]),
    node(
      "n",
      "range",
      { minin: "0", maxin: "10", minout: "0", maxout: "100", action: "clamp", round: true, property: "payload" },
      ["out1", "r2", "r3"],
    ),
    node(
      "r2",
      "range",
      { minin: "0", maxin: "100", minout: "0", maxout: "1", action: "scale", round: false, property: "payload" },
      ["out2"],
    ),
    node(
      "r3",
      "range",
      { minin: "0", maxin: "50", minout: "0", maxout: "5", action: "roll", round: true, property: "payload" },
      ["out3"],
    ),
    ...outs(3),
  ]),
  flow(
    "template: mustache with message, context and environment; JSON",
    { payload: { name: "Ana", items: [1, 2] }, topic: "<b>" },
    [
      fn("in", "flow.set('shift', 'late'); return msg;", ["n", "n2"]),
      node(
        "n",
        "template",
        {
          field: "payload",
          fieldType: "msg",
          format: "handlebars",
          syntax: "mustache",
          template:
            "{{payload.name}} {{{topic}}} {{topic}} {{flow.shift}} {{#payload.items}}[{{.}}]{{/payload.items}} {{env.NR_FLOW_NAME}}",
          output: "str",
        },
        ["out1"],
      ),
      node(
        "n2",
        "template",
        {
          field: "made",
          fieldType: "msg",
          format: "json",
          syntax: "mustache",
          template: '{"who": "{{payload.name}}", "n": {{payload.items.0}}}',
          output: "json",
        },
        ["out2"],
      ),
      ...outs(2),
    ],
  ),
  flow("filter: passes changes, and changes beyond a band", { payload: 1 }, [
    fn("in", "return [[1, 1, 2, 2, 1, 5, 11, 12, 30].map(payload => ({payload}))];", ["n", "n2"]),
    node(
      "n",
      "rbe",
      { func: "rbe", gap: "", start: "", inout: "out", septopics: true, property: "payload", topi: "topic" },
      ["out1"],
    ),
    node(
      "n2",
      "rbe",
      { func: "deadband", gap: "5", start: "", inout: "out", septopics: true, property: "payload", topi: "topic" },
      ["out2"],
    ),
    ...outs(2),
  ]),
  flow("filter: one state a topic", { payload: 1 }, [
    fn("in", "return [[['a', 1], ['b', 1], ['a', 1], ['b', 2]].map(([topic, payload]) => ({topic, payload}))];", ["n"]),
    node(
      "n",
      "rbe",
      { func: "rbei", gap: "", start: "", inout: "out", septopics: true, property: "payload", topi: "topic" },
      ["out1"],
    ),
    ...outs(1),
  ]),
  flow("JSON to objects and back, and what is none", { payload: '{"a":[1,2]}' }, [
    node("in", "json", { property: "payload", action: "", pretty: false }, ["out1", "n2"]),
    node("n2", "json", { property: "payload", action: "str", pretty: true }, ["out2", "broken"]),
    fn("broken", "return {payload: '{oops'};", ["n3"]),
    node("n3", "json", { property: "payload", action: "obj" }, []),
    node("c", "catch", { scope: ["n3"] }, ["pick"]),
    fn("pick", "return {payload: msg.error.source.id};", ["out3"]),
    ...outs(3),
  ]),
  flow("CSV to objects and back", { payload: 'id,name\n1,"Ana, B."\n2,Ben\n' }, [
    node(
      "in",
      "csv",
      {
        spec: "rfc",
        sep: ",",
        hdrin: true,
        hdrout: "all",
        multi: "mult",
        ret: "\\n",
        temp: "",
        skip: "0",
        strings: true,
        include_empty_strings: "",
        include_null_values: "",
      },
      ["out1", "n2"],
    ),
    node(
      "n2",
      "csv",
      {
        spec: "rfc",
        sep: ";",
        hdrin: "",
        hdrout: "all",
        multi: "one",
        ret: "\\n",
        temp: "name,id",
        skip: "0",
        strings: true,
      },
      ["out2"],
    ),
    ...outs(2),
  ]),
  flow("CSV: one message a line, put together again", { payload: "a,b\n1,2\n3,4\n" }, [
    node(
      "in",
      "csv",
      {
        spec: "rfc",
        sep: ",",
        hdrin: true,
        hdrout: "none",
        multi: "one",
        ret: "\\n",
        temp: "",
        skip: "0",
        strings: true,
      },
      ["out1", "j"],
    ),
    node("j", "join", { mode: "auto" }, ["out2"]),
    ...outs(2),
  ]),
  flow("XML and YAML", { payload: '<r a="1"><i>x</i><i>y</i></r>' }, [
    node("in", "xml", { property: "payload", attr: "", chr: "" }, ["out1", "y"]),
    node("y", "yaml", { property: "payload" }, ["out2", "y2"]),
    node("y2", "yaml", { property: "payload" }, ["out3"]),
    ...outs(3),
  ]),
  flow("HTML by selector", { payload: "<ul><li>one</li><li class='x'>two</li></ul>" }, [
    node("in", "html", { property: "payload", outproperty: "payload", tag: "li", ret: "text", as: "single" }, ["out1"]),
    ...outs(1),
  ]),
  flow("context of node, flow and global; several keys; callbacks", { payload: 1 }, [
    fn("in", "return [[1, 2, 3].map(payload => ({payload}))];", ["n"]),
    fn(
      "n",
      "const count = (context.get('count') || 0) + 1; context.set('count', count); flow.set(['a', 'b'], [count, {deep: count}]); global.set('g.h[0]', count); const [a, b] = flow.get(['a', 'b']); msg.payload = [count, a, b.deep, global.get('g').h, flow.keys()]; flow.get('b.deep', (err, value) => { msg.later = [err === undefined || err === null, value]; node.send(msg); });",
      ["out1"],
    ),
    ...outs(1),
  ]),
  flow(
    "setup code has run before the first message",
    { payload: 1 },
    [
      fn("in", "return [[1, 2].map(payload => ({payload}))];", ["n"]),
      {
        ...fn("n", "msg.payload = [msg.payload, context.get('ready')]; return msg;", ["out1"]),
        initialize: "await new Promise(r => setTimeout(r, 10)); context.set('ready', true);",
      },
      ...outs(1),
    ],
    { quietMs: 120 },
  ),
];
