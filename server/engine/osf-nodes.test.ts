import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect, it } from "vitest";
import { createEngine } from "#server/engine/engine.ts";
import { graphOf, MemoryHost } from "#server/engine/test-engine.ts";
import { debug, inject } from "#server/engine/test-nodes.ts";

const OSF_NODES = path.resolve(import.meta.dirname, "../../nodered-nodes/node-red-contrib-osf");
const TYPES = [
  "osf-ts",
  "osf-prompt",
  "osf-prompt-tpl",
  "osf-llm",
  "osf-context",
  "osf-decision",
  "osf-output-parser",
  "osf-http",
  "osf-sub-flow",
  "osf-agent",
  "osf-human-input",
  "osf-mcp-erp",
  "osf-mcp-fertigung",
  "osf-mcp-qms",
  "osf-mcp-tms",
  "mcp-tool",
];

const memory = () => new MemoryHost({ now: Date.now, after: () => () => undefined });

it("knows all sixteen OSF nodes", async () => {
  const engine = createEngine({ host: memory(), packages: [OSF_NODES] });
  const planning = engine.plan(graphOf(TYPES.map((type, i) => ({ id: `n${i}`, type, wires: [] }))));
  await expect(planning).resolves.toBeUndefined();
  await engine.close();
});

it("executes TypeScript by what it is given for it, and says what is missing without", async () => {
  const graph = graphOf([
    inject(1, "ts"),
    { id: "ts", type: "osf-ts", code: "return 2", outputs: 1, timeout: 5, wires: [["out"]] },
    debug(),
  ]);
  const run = { runId: "run_1", graph: "graph", start: { node: "in" } };
  const without = createEngine({ host: memory(), packages: [OSF_NODES] });
  await without.plan(graph);
  expect(await without.start(run)).toMatchObject({ status: "failed", error: { code: "code.unavailable" } });
  await without.close();
  const engine = createEngine({
    host: memory(),
    packages: [OSF_NODES],
    runCode: (_node, { code, timeoutMs }, frame) => Promise.resolve(`${code} ${timeoutMs} ${frame.step?.seq}`),
  });
  await engine.plan(graph);
  expect(await engine.start(run)).toMatchObject({ status: "completed", output: { payload: "return 2 5000 2" } });
  await engine.close();
});

it("lets osf-http act once, under the key of its step, where it may go", async () => {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    response.setHeader("content-type", "application/json").end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const checked: string[] = [];
  const engine = createEngine({
    host: memory(),
    packages: [OSF_NODES],
    checkUrl: (address) => {
      checked.push(address);
      return Promise.resolve();
    },
  });
  try {
    await engine.plan(
      graphOf([
        inject(1, "http"),
        { id: "http", type: "osf-http", method: "POST", url, idempotencyKey: true, wires: [["out"]] },
        debug(),
      ]),
    );
    const how = await engine.start({ runId: "run_7", graph: "graph", start: { node: "in" } });
    expect(how).toMatchObject({ status: "completed", output: { payload: { ok: true } } });
    expect(keys).toEqual(["run_7/2"]);
    expect(checked).toEqual([url]);
  } finally {
    await engine.close();
    server.closeAllConnections();
    server.close();
  }
});
