import { createEngine } from "#server/engine/index.ts";
import { createCodeRunner, functionNodeOverride } from "#server/engine/isolate/index.ts";
import { snapshot } from "#server/engine/snapshot.ts";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { stockSettings } from "../support/stock-settings.ts";
import { chain, MESSAGE } from "./chain.ts";

/**
 * One side of a comparison, in a process of its own: `engine` or `node-red`. Parent → `{messages}`; answer
 * `{cpuMs, wallMs}`: that many messages through the chain, 32 at a time, nothing recorded.
 */
const AT_ONCE = 32;
const side = process.argv[2];

async function engineSide(): Promise<() => Promise<unknown>> {
  const engine = createEngine({
    overrides: { function: functionNodeOverride },
    runCode: createCodeRunner(),
    host: { record: () => undefined, commit: async () => undefined, call: () => Promise.reject(new Error("nothing")) },
  });
  await engine.plan({ key: "g", nodes: [{ id: "t", type: "tab" }, ...chain()], credentials: {} });
  const msg = snapshot(MESSAGE);
  let count = 0;
  return () => engine.start({ runId: `run_${++count}`, graph: "g", start: { node: "n0", msg }, record: false });
}

/** The parts of the runtime that are used; the package brings no types. */
interface Runtime {
  init(server: http.Server, settings: Record<string, unknown>): void;
  start(): Promise<void>;
  events: { once(name: string, heard: () => void): void };
  nodes: { getNode(id: string): { receive(message: unknown): void } };
  runtime: { flows: { setFlows(change: { flows: { flows: object[] }; deploymentType: string }): Promise<unknown> } };
}

async function stockSide(): Promise<() => Promise<unknown>> {
  // @ts-expect-error it brings no types
  const { default: RED } = (await import("node-red")) as unknown as { default: Runtime };
  const userDir = mkdtempSync(path.join(os.tmpdir(), "osf-bench-stock-"));
  process.on("exit", () => rmSync(userDir, { recursive: true, force: true }));
  const sink = `module.exports = (RED) => RED.nodes.registerType("sink", function (config) {
    RED.nodes.createNode(this, config);
    this.on("input", (msg, send, done) => { done(); globalThis.arrived(); });
  });`;
  writeFileSync(path.join(userDir, "sink.js"), sink);
  writeFileSync(
    path.join(userDir, "sink.html"),
    `<script type="text/javascript">RED.nodes.registerType("sink", { defaults: {}, inputs: 1, outputs: 0 });</script>`,
  );
  RED.init(http.createServer(), { ...stockSettings(userDir), nodesDir: userDir });
  const started = () => new Promise<void>((done) => RED.events.once("flows:started", () => done()));
  const first = started();
  await RED.start();
  await first;
  const deployed = started();
  const flows = [{ id: "t", type: "tab" }, ...chain(["end"]), { id: "end", type: "sink", z: "t", wires: [] }];
  await RED.runtime.flows.setFlows({ flows: { flows }, deploymentType: "full" });
  await deployed;
  const waiting: (() => void)[] = [];
  Object.assign(globalThis, { arrived: () => waiting.shift()?.() });
  const entry = RED.nodes.getNode("n0");
  return () =>
    new Promise<void>((done) => {
      waiting.push(done);
      entry.receive(structuredClone(MESSAGE));
    });
}

const one = await (side === "engine" ? engineSide() : stockSide());
process.on("disconnect", () => process.exit());
process.on("message", async ({ messages }: { messages: number }) => {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let left = messages;
  const lane = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({ cpuMs: (user + system) / 1_000, wallMs: performance.now() - began });
});
process.send?.("ready");
