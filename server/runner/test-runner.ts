import dgram from "node:dgram";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import type { EngineHost, Graph, StepRecord } from "#server/engine/contract.ts";
import { installDialGuard } from "./dial-guard.ts";
import { serveRunner, type HostedEngine } from "./serve-runner.ts";
import { endWithParent } from "./watchdog.ts";

/**
 * A runner for tests of what surrounds the engine: a graph is one node whose `type` says what a run does. Started with
 * a name that tells it to, it does not even start.
 */
function scriptedEngine(host: EngineHost, check: (url: string) => Promise<void>): HostedEngine {
  const graphs = new Map<string, Graph>();
  const dropped = new Set<string>();
  const contexts = new Map<string, string>();
  const acts: Record<string, (runId: string, node: Record<string, unknown>) => unknown> = {
    echo: (_runId, node) => node["value"],
    pid: () => process.pid,
    block: () => {
      for (;;);
    },
    blockFor(_runId, node) {
      const until = performance.now() + Number(node["ms"]);
      while (performance.now() < until);
    },
    exit: (_runId, node) => process.exit(Number(node["code"])),
    abort: () => process.abort(),
    die: () => process.kill(process.pid, "SIGKILL"),
    hang: () => new Promise(() => undefined),
    async grow() {
      const held: Buffer[] = [];
      for (;;) {
        held.push(Buffer.alloc(8_000_000, held.length));
        await new Promise((later) => setTimeout(later, 5));
      }
    },
    call: (runId, node) => host.call(runId, { step: 1, n: 1 }, "tool.call", node["args"]),
    async commit(runId) {
      host.record(runId, [step({ state: "running" })], []);
      await host.commit(runId);
      host.record(runId, [step({ state: "done" })], []);
      return "durable";
    },
    context: () => Object.fromEntries(contexts),
    write(runId, node) {
      const write = { scope: "global", key: String(node["key"]), value: JSON.stringify(node["value"]) };
      host.record(runId, [step({ state: "done", context: [write] })], []);
    },
    check: (_runId, node) => check(String(node["url"])),
    fetch: async (_runId, node) => (await fetch(String(node["url"]))).text(),
    get: (_runId, node) =>
      new Promise((done, failed) => {
        const { get } = String(node["url"]).startsWith("https:") ? https : http;
        get(String(node["url"]), (response) => done(response.statusCode)).on("error", failed);
      }),
    socket: (_runId, node) =>
      new Promise((done, failed) => {
        const socket = net.connect(node["options"] as net.NetConnectOpts, () => done("connected")); // as the test says
        socket.on("error", failed);
      }),
    listen: () => http.createServer().listen(0),
    datagram: () => dgram.createSocket("udp4").send("x", 53, "127.0.0.1"),
    env: () => ({ ...process.env }),
  };
  return {
    async plan(graph) {
      if (graph.nodes[0]?.type === "refused")
        throw Object.assign(new Error("The node x is of no use"), { code: "flow.unknown-type" });
      graphs.set(graph.key, graph);
    },
    async forget(key) {
      graphs.delete(key);
    },
    async start({ runId, graph, log, eager }) {
      const node = graphs.get(graph)?.nodes[0];
      if (!node) throw Object.assign(new Error("not planned"), { code: "flow.not-planned" });
      host.record(runId, [step({ msg: "{}", node: node.id, type: node.type, state: "running" })], []);
      await new Promise((later) => setImmediate(() => setImmediate(later)));
      const value = await acts[node.type]?.(runId, node);
      if (dropped.delete(runId)) return { status: "dropped" };
      return { status: "completed", output: { value, steps: log?.steps.length ?? null, eager } };
    },
    drop: (runId) => void dropped.add(runId),
    setContexts(writes, whole) {
      if (whole) contexts.clear();
      for (const { key, value } of writes)
        if (value === undefined) contexts.delete(key);
        else contexts.set(key, value);
    },
  };
}

const step = (more: Partial<StepRecord>): StepRecord => ({
  seq: 1,
  node: "n",
  type: "test",
  from: null,
  port: null,
  at: Date.now(),
  state: "queued",
  ...more,
});

if (import.meta.filename === process.argv[1]) {
  endWithParent();
  serveRunner(process, async (host, { allowPrivateHosts }) => {
    const guard = installDialGuard(allowPrivateHosts);
    return scriptedEngine(host, (url) => guard.check(url));
  });
}
