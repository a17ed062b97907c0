import { graphOf } from "#server/engine/test-engine.ts";
import { inject, debug, change, split, join, rate, type TestFlow } from "#server/engine/test-nodes.ts";

export const SEQUENCES: TestFlow[] = [
  {
    name: "split and join",
    comes: [[10, 20, 30, 40]],
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
    comes: [[1, 2, 3]],
    graph: graphOf([
      inject([1, 2, 3], "split"),
      split("join"),
      join({ mode: "custom", count: "5", timeout: "2", useparts: false, joiner: "\\n" }, "out"),
      debug(),
    ]),
  },
  {
    name: "a join that never gets all",
    comes: [1, 2],
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
    comes: [12],
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
    name: "batches that overlap",
    comes: [
      [1, 2, 3],
      [3, 4, 5],
    ],
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
    comes: [[1, 2], [3]],
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
    comes: [[1, 2, 3]],
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
    comes: [
      [1, 2],
      [5, 6, 7],
    ],
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
    comes: [1, 2, 1],
    graph: graphOf([
      inject([1, 1, 2, 2, 1], "split"),
      split("rbe"),
      { id: "rbe", type: "rbe", func: "rbe", property: "payload", septopics: true, topi: "topic", wires: [["out"]] },
      debug(),
    ]),
  },
  {
    name: "csv and its rows",
    comes: [[3, 7]],
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
];
