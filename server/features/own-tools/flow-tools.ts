import type { Actor } from "#server/kernel/actor.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { Deps } from "../deps.ts";
import { markedFlows, startFlowRun, type MarkedFlow } from "../flows/index.ts";
import { workspaceTopic } from "../runs/index.ts";
import { structured } from "./define-tool.ts";
import { failureOf, type RunTool } from "./run-tool.ts";

/** Workspaces whose flows are remembered. */
const MAX_WORKSPACES = 500;

interface Kept {
  flows: Promise<MarkedFlow[]>;
  unsubscribe(): void;
}

/** Which flows are tools, remembered until something about the workspace's flows changes. */
export class FlowToolCache {
  readonly #deps: Pick<Deps, "db" | "live">;
  readonly #kept = new Map<string, Kept>();
  readonly #heard = new Set<(workspaceId: string | null) => void>();

  constructor(deps: Pick<Deps, "db" | "live">) {
    this.#deps = deps;
    deps.live.onGap(() => {
      for (const workspaceId of this.#kept.keys()) this.#forget(workspaceId);
      this.#tell(null);
    });
  }

  of(workspaceId: string): Promise<MarkedFlow[]> {
    const known = this.#kept.get(workspaceId);
    if (known) return known.flows;
    // Listens before it reads: what changes meanwhile is not missed.
    const unsubscribe = this.#deps.live.subscribe(workspaceTopic(workspaceId), (payload) => {
      if (!payload.includes('"type":"flow"')) return;
      this.#forget(workspaceId);
      this.#tell(workspaceId);
    });
    const flows = markedFlows(this.#deps, workspaceId);
    flows.catch(() => this.#forget(workspaceId));
    this.#kept.set(workspaceId, { flows, unsubscribe });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_WORKSPACES) break;
      this.#forget(oldest);
    }
    return flows;
  }

  onChange(heard: (workspaceId: string | null) => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  #forget(workspaceId: string): void {
    this.#kept.get(workspaceId)?.unsubscribe();
    this.#kept.delete(workspaceId);
  }

  #tell(workspaceId: string | null): void {
    for (const heard of this.#heard) heard(workspaceId);
  }
}

type FlowToolDeps = Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings">;

/**
 * Flows as tools, by name; the name alone, without a dot, so that no upstream's tool can have it. A call is a run of the
 * flow with the arguments as `msg.payload`, started with the rights of who calls: one's own flows take `flow.run`, those
 * of others `run.control` besides, as everywhere. The answer is the run's output.
 */
export async function flowRunTools(deps: FlowToolDeps, cache: FlowToolCache, actor: Actor): Promise<RunTool[]> {
  if (!allows(actor, "flow.run")) return [];
  const flows = await cache.of(actor.workspaceId);
  return flows
    .filter(({ ownerId }) => ownerId === actor.userId || allows(actor, "run.control"))
    .map(({ flowId, flowName, tool }) => ({
      definition: {
        name: tool.name,
        title: flowName,
        description: tool.description,
        inputSchema: tool.inputSchema,
        annotations: {
          title: flowName,
          readOnlyHint: tool.class === "read",
          destructiveHint: tool.class === "dangerous",
        },
      },
      permission: "flow.run",
      async start(caller, args) {
        const { runId } = await startFlowRun(deps, caller.actor, {
          flowId,
          input: args,
          trigger: caller.through.kind === "chat" ? "chat" : "mcp",
          idempotencyKey: caller.idempotencyKey,
          parentRunId: caller.runId,
          requestId: caller.requestId,
        });
        return { runId };
      },
      async result(run) {
        if (run.status !== "completed") return failureOf(run);
        const output = (run.output as { payload?: unknown } | null)?.payload ?? null; // as the engine ends runs
        return typeof output === "object" && output !== null && !Array.isArray(output)
          ? structured(output as Record<string, unknown>)
          : { content: [{ type: "text", text: typeof output === "string" ? output : JSON.stringify(output) }] };
      },
    }));
}
