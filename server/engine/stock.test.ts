import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Graph, NodeDef } from "#server/engine/contract.ts";
import { functionNodeOverride } from "#server/engine/isolate/index.ts";
import { live } from "#server/engine/test-life.ts";
import type { TestFlow } from "#server/engine/test-nodes.ts";
import { ROUTING } from "#server/engine/test-flows-routing.ts";
import { SEQUENCES } from "#server/engine/test-flows-sequences.ts";
import { STOCK } from "#server/engine/test-flows-stock.ts";
import { TIME } from "#server/engine/test-flows-time.ts";

/*
 * The same flows on Node-RED's own runtime: the same messages come out, in the same order. Chance and http are left out;
 * so are the differences that are wanted (an error that nobody catches fails a run; constructors' status starts none).
 */
const require = createRequire(import.meta.url);

interface Helper {
  init(runtime: string): void;
  startServer(done: () => void): void;
  stopServer(done: () => void): void;
  load(modules: unknown[], flow: unknown[], done: () => void): void;
  unload(): Promise<void>;
  getNode(id: string): StockNode;
  /** Types that it registers by itself, once for each node: two catch nodes would be an error. */
  _nodeModules: object;
}
interface StockNode {
  on(event: "input", fn: (msg: { payload?: unknown }) => void): void;
  receive(msg?: object): void;
}

const helper = require("node-red-node-test-helper") as Helper;
const core = (file: string) => require(`@node-red/nodes/core/${file}`) as unknown;
const MODULES = [
  "common/20-inject.js",
  "common/24-complete.js",
  "common/25-catch.js",
  "common/25-status.js",
  "common/60-link.js",
  "common/05-junction.js",
  "function/10-function.js",
  "function/10-switch.js",
  "function/15-change.js",
  "function/16-range.js",
  "function/80-template.js",
  "function/89-delay.js",
  "function/89-trigger.js",
  "function/rbe.js",
  "sequence/17-split.js",
  "sequence/18-sort.js",
  "sequence/19-batch.js",
  "parsers/70-CSV.js",
  "parsers/70-JSON.js",
  "parsers/70-XML.js",
  "parsers/70-YAML.js",
  "parsers/70-HTML.js",
];

const LEFT_OUT = new Set(["a random delay", "an answer to an http request"]);
const usable = ({ name, graph }: Pick<TestFlow, "name" | "graph">) =>
  !LEFT_OUT.has(name) && !graph.nodes.some((node) => typeof node["code"] === "string");
const flows = [...[...ROUTING, ...SEQUENCES, ...TIME].filter(usable), ...STOCK];

type Seen = [string, unknown];
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null");

/** What reaches debug nodes in a real Node-RED: helpers stand in their place. Over when nothing comes for a while. */
async function onStock(graph: Graph, expected: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  const nodes = graph.nodes.map((node): NodeDef => (node.type === "debug" ? { ...node, type: "helper" } : node));
  await new Promise<void>((resolve) => helper.load(MODULES.map(core), structuredClone(nodes), resolve));
  for (const { id } of nodes.filter(({ type }) => type === "helper"))
    helper.getNode(id).on("input", ({ payload }) => seen.push([id, plain(payload)]));
  helper.getNode("in").receive({});
  const deadline = Date.now() + 8_000;
  while (seen.length < expected && Date.now() < deadline) await pause(20);
  await pause(60); // for what should not come
  await helper.unload();
  return seen;
}
const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe("Node-RED and the engine", () => {
  beforeAll(async () => {
    helper.init(require.resolve("node-red"));
    helper._nodeModules = {};
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  afterAll(() => new Promise<void>((resolve) => helper.stopServer(resolve)));

  it.each(flows.map((flow) => [flow.name, flow] as const))(
    "agree on %s",
    async (_name, { graph }) => {
      const { host } = await live(graph, { engine: { overrides: { function: functionNodeOverride } } });
      const ours = host.steps
        .filter(({ type, msg }) => type === "debug" && msg !== undefined)
        .map(({ node, msg }): Seen => [node, (JSON.parse(msg!) as { payload?: unknown }).payload ?? null]);
      expect(ours.length).toBeGreaterThan(0);
      expect(ours).toEqual(await onStock(graph, ours.length));
    },
    20_000,
  );
});
