import { flow, fn, node, out, type Case } from "../case.ts";

const REQUEST = {
  method: "GET",
  ret: "obj",
  paytoqs: "ignore",
  tls: "",
  persist: false,
  proxy: "",
  insecureHTTPParser: false,
  authType: "",
  senderr: false,
  headers: [],
};

/** What starts a flow and what it asks of others. `SERVER` is the address of the case's own web server. */
export const outside: Case[] = [
  flow("inject with several properties", undefined, [
    node(
      "in",
      "inject",
      {
        props: [
          { p: "payload", v: '{"a":1}', vt: "json" },
          { p: "topic", vt: "str" },
          { p: "n.deep", v: "2 + 3", vt: "jsonata" },
          { p: "flag", v: "true", vt: "bool" },
        ],
        topic: "start",
        repeat: "",
        crontab: "",
        once: false,
      },
      ["out"],
    ),
    out(),
  ]),
  flow("inject that starts two branches, joined", undefined, [
    node(
      "in",
      "inject",
      { props: [{ p: "payload", v: "5", vt: "num" }], topic: "", repeat: "", crontab: "", once: false },
      ["a", "b"],
    ),
    fn("a", "return {topic: 'a', payload: msg.payload + 1};", ["j"]),
    fn("b", "return {topic: 'b', payload: msg.payload + 2};", ["j"]),
    node(
      "j",
      "join",
      {
        mode: "custom",
        build: "object",
        property: "payload",
        propertyType: "msg",
        key: "topic",
        joiner: "\\n",
        joinerType: "str",
        accumulate: false,
        timeout: "",
        count: "2",
      },
      ["pick"],
    ),
    fn("pick", "return {payload: msg.payload};", ["out"]),
    out(),
  ]),
  flow(
    "http request: JSON comes as an object, status and headers with it",
    { payload: "x" },
    [
      node("in", "http request", { ...REQUEST, url: "SERVER/json?q={{payload}}" }, ["pick"]),
      fn("pick", "return {payload: [msg.payload, msg.statusCode, msg.headers['x-test']]};", ["out"]),
      out(),
    ],
    { usesServer: true, quietMs: 250 },
  ),
  flow(
    "http request: a body is posted as JSON",
    { payload: { a: [1] } },
    [
      node(
        "in",
        "http request",
        {
          ...REQUEST,
          method: "POST",
          url: "SERVER/echo",
          headers: [{ keyType: "other", keyValue: "X-Mine", valueType: "other", valueValue: "yes" }],
        },
        ["pick"],
      ),
      fn("pick", "return {payload: [msg.payload, msg.statusCode]};", ["out"]),
      out(),
    ],
    { usesServer: true, quietMs: 250 },
  ),
  flow(
    "http request: what fails is a message unless it is told to be an error",
    { payload: 1 },
    [
      fn("in", "return [msg, msg];", ["n1"], ["n2"]),
      node("n1", "http request", { ...REQUEST, ret: "txt", url: "SERVER/status/500" }, ["p1"]),
      node("n2", "http request", { ...REQUEST, ret: "txt", url: "SERVER/status/404", senderr: true }, ["p3"]),
      node("c", "catch", { scope: ["n2"] }, ["p2"]),
      fn("p1", "return {payload: [msg.payload, msg.statusCode]};", ["out1"]),
      fn("p3", "return {payload: msg.statusCode};", ["out2"]),
      fn("p2", "return {payload: [msg.error.source.id, msg.statusCode]};", ["out3"]),
      out("out1"),
      out("out2"),
      out("out3"),
    ],
    { usesServer: true, quietMs: 250 },
  ),
];
