import http from "node:http";
import os from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { stockSettings } from "#tests/support/stock-settings.ts";
import type { TestNode } from "./case.ts";

/** The parts of the runtime that are used here; the package brings no types. */
interface Runtime {
  init(server: http.Server, settings: Record<string, unknown>): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  hooks: { add(name: string, hook: (event: never) => void): void };
  events: { once(name: string, heard: () => void): void };
  nodes: { getNode(id: string): { receive(message: unknown): void; emit(name: string, event: unknown): void } | null };
  runtime: { flows: { setFlows(change: { flows: { flows: TestNode[] }; deploymentType: string }): Promise<unknown> } };
  util: { cloneMessage(message: unknown): unknown };
}
const runtime = createRequire(import.meta.url)("node-red") as Runtime;

export interface Arrival {
  node: string;
  message: unknown;
}

/** Stock Node-RED in this process. One at a time: its runtime is global. */
export interface Stock {
  /** Deploys the flow, gives the message to the node `in`, and answers what arrived at nodes named `out…`. */
  run(nodes: TestNode[], message: unknown, quietMs: number): Promise<Arrival[]>;
  stop(): Promise<void>;
}

export async function startStock(): Promise<Stock> {
  const userDir = mkdtempSync(path.join(os.tmpdir(), "osf-stock-"));
  const server = http.createServer();
  runtime.init(server, stockSettings(userDir));
  let arrivals: Arrival[] = [];
  let lastAt = 0;
  runtime.hooks.add("onReceive", ({ msg, destination }: { msg: unknown; destination: { id: string } }) => {
    lastAt = performance.now();
    if (destination.id.startsWith("out"))
      arrivals.push({ node: destination.id, message: runtime.util.cloneMessage(msg) });
  });
  const started = () => new Promise<void>((resolve) => runtime.events.once("flows:started", () => resolve()));
  const first = started();
  await runtime.start();
  await first;

  return {
    async run(nodes, message, quietMs) {
      for (const flows of [[], structuredClone(nodes)]) {
        // without anything first, which also empties the contexts
        const again = started();
        await runtime.runtime.flows.setFlows({ flows: { flows }, deploymentType: "full" });
        await again;
      }
      arrivals = [];
      lastAt = performance.now();
      const entry = runtime.nodes.getNode("in");
      if (!entry) throw new Error("The case has no node `in`");
      if (message === undefined) entry.emit("input", {});
      else entry.receive(structuredClone(message));
      while (performance.now() - lastAt < quietMs) await new Promise((later) => setTimeout(later, quietMs / 4));
      return arrivals;
    },
    async stop() {
      await runtime.stop();
      rmSync(userDir, { recursive: true, force: true });
    },
  };
}
