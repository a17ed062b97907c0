import { setTimeout as pause } from "node:timers/promises";
import type { TestNode } from "./flow-nodes.ts";
import type { Instance } from "./instance.ts";

export interface StepRow {
  seq: number;
  node: string;
  type: string;
  status: string;
  from: number | null;
  port: number | null;
  error: { code: string; message: string } | null;
  durationMs: number | null;
}

export interface RunRow {
  id: string;
  status: string;
  attempt: number;
  output: { payload?: unknown; messages?: { node: string; payload: unknown }[] } | null;
  error: { code: string; message: string } | null;
}

/** Flows over HTTP, as a program makes and runs them. */
export function flowClient(product: Pick<Instance, "url" | "token">, role = "admin") {
  const ask = async <T>(method: string, path: string, body?: unknown, expected?: number): Promise<T> => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${await product.token(role)}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (expected === undefined ? !response.ok : response.status !== expected)
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T; // the caller knows the route
  };
  const run = (id: string) => ask<RunRow>("GET", `/api/runs/${id}`);
  const steps = async (id: string) =>
    (await ask<{ items: StepRow[] }>("GET", `/api/runs/${id}/steps?limit=1000`)).items;
  return {
    ask,
    run,
    steps,
    async create(name: string, nodes: TestNode[]): Promise<string> {
      return (await ask<{ id: string }>("POST", "/api/workflows", { name, nodes }, 201)).id;
    },
    async start(flowId: string, body: Record<string, unknown> = {}): Promise<string> {
      return (await ask<{ run_id: string }>("POST", `/api/workflows/${flowId}/run`, body, 202)).run_id;
    },
    /** Waits until the run has one of these statuses; survives a server that is away meanwhile. */
    async until(id: string, statuses: string[], timeoutMs = 60_000): Promise<RunRow> {
      let last: RunRow | undefined;
      for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(100)) {
        last = await run(id).catch(() => undefined);
        if (last && statuses.includes(last.status)) return last;
      }
      throw new Error(`the run did not become ${statuses.join(" or ")}: ${JSON.stringify(last)}`);
    },
    /** Waits until a step of the node is in the state. */
    async untilStep(id: string, node: string, status: string, count = 1, timeoutMs = 30_000): Promise<void> {
      let all: StepRow[] = [];
      for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(50)) {
        all = await steps(id).catch(() => []);
        if (all.filter((step) => step.node === node && step.status === status).length >= count) return;
      }
      throw new Error(`no ${count} steps of ${node} became ${status}: ${JSON.stringify(all)}`);
    },
  };
}
