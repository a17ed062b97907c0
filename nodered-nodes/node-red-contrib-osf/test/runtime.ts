import { createRequire } from "node:module";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { OsfClient } from "../osf-client.d.ts";

const require = createRequire(import.meta.url);
const packageDir = path.resolve(import.meta.dirname, "..");
export const manifest = require("../package.json") as {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  files: string[];
  "node-red": { version: string; nodes: Record<string, string> };
};

export interface Msg extends Record<string, unknown> {
  payload?: unknown;
}
interface RuntimeNode {
  on(event: string, listener: (...args: never[]) => void): void;
  receive(msg: Msg): void;
}
interface Helper {
  init(runtime: string, settings?: object): void;
  settings(settings: object): void;
  load(modules: unknown[], flow: object[], credentials: object): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): RuntimeNode;
  request(): { get(path: string): Promise<{ status: number; body: unknown }> };
}
const helper = require("node-red-node-test-helper") as Helper; // has no types
helper.init(require.resolve("node-red"));

const modules = Object.values(manifest["node-red"].nodes).map(
  (file) => require(path.join(packageDir, file)) as unknown,
);

/** There is one runtime in a process; a second `host` in a test ends the first. */
let loaded = false;
async function unload(): Promise<void> {
  if (loaded) await helper.unload();
  loaded = false;
}

/** What left the node under test, and what was said of it. */
export interface Seen {
  /** Messages by output, in order. */
  out: Msg[][];
  /** What a catch node got. */
  errors: (Msg & { error: { message: string; code?: string; cause?: unknown } })[];
  statuses: { text?: string; fill?: string }[];
  /** Messages of which the node said that it is done with them. */
  completed: Msg[];
}

/**
 * A real Node-RED runtime with one node under test (`id: "t-node"`), helper nodes on its outputs, a catch, a status and a
 * complete node, all on one tab.
 */
export async function host(
  osf: OsfClient | undefined,
  config: Record<string, unknown> & { type: string },
  { outputs = 1, credentials = {}, before = [] }: { outputs?: number; credentials?: object; before?: object[] } = {},
) {
  const seen: Seen = { out: Array.from({ length: outputs }, () => []), errors: [], statuses: [], completed: [] };
  const ports = seen.out.map((_, port) => `t-out${port}`);
  // Ids that no property's value can equal: Node-RED takes such a value for a reference.
  const flow = [
    { id: "t-tab", type: "tab", label: "Test" },
    ...before,
    { id: "t-node", z: "t-tab", name: "", ...config, wires: ports.map((id) => [id]) },
    ...ports.map((id) => ({ id, z: "t-tab", type: "helper", wires: [] })),
    { id: "t-catch", z: "t-tab", type: "catch", scope: ["t-node"], uncaught: false, wires: [["t-caught"]] },
    { id: "t-complete", z: "t-tab", type: "complete", scope: ["t-node"], wires: [["t-completed"]] },
    { id: "t-status", z: "t-tab", type: "status", scope: ["t-node"], wires: [["t-said"]] },
    ...["t-caught", "t-completed", "t-said"].map((id) => ({ id, z: "t-tab", type: "helper", wires: [] })),
  ];
  helper.settings({ osf, logging: { console: { level: "off" } } });
  await unload();
  loaded = true;
  await helper.load(modules, flow, { "t-node": credentials });
  onTestFinished(unload);

  const listeners = new Set<() => void>();
  const collect = (id: string, into: (msg: Msg) => void) =>
    helper.getNode(id).on("input", (msg: Msg) => {
      into(msg);
      for (const listener of listeners) listener();
    });
  for (const [port, id] of ports.entries()) collect(id, (msg) => seen.out[port]?.push(msg));
  collect("t-caught", (msg) => seen.errors.push(msg as Seen["errors"][number])); // catch nodes set `error`
  collect("t-completed", (msg) => seen.completed.push(msg));
  collect("t-said", (msg) => seen.statuses.push(msg["status"] as { text?: string })); // status nodes set `status`

  /** Resolves when `condition` holds; it is looked at whenever something arrives. */
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!condition()) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  const ended = () => seen.errors.length + seen.completed.length;

  return {
    seen,
    until,
    request: helper.request.bind(helper),
    node: (id: string) => helper.getNode(id),
    send: (msg: Msg) => helper.getNode("t-node").receive(msg),
    /** Sends a message and waits until the node is done with it, well or not, and what it sent has arrived. */
    async give(msg: Msg): Promise<Seen> {
      const before = ended();
      helper.getNode("t-node").receive(msg);
      await until(() => ended() > before);
      await new Promise(setImmediate); // sends arrive by setImmediate, completions at once
      return seen;
    },
  };
}
