import type { Actor } from "#server/kernel/actor.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { ListedTool } from "#server/mcp/review.ts";
import type { Deps } from "../deps.ts";
import { markedFlows, startFlowRun, type MarkedFlow } from "../flows/index.ts";
import { workspaceTopic } from "../runs/index.ts";
import { structured } from "./define-tool.ts";
import { failureOf, type RunTool } from "./run-tool.ts";

/** Workspaces whose flows are remembered. */
const MAX_WORKSPACES = 500;

interface Kept {
  /** Undefined: something has changed since they were read. */
  flows: Promise<MarkedFlow[]> | undefined;
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
      for (const kept of this.#kept.values()) kept.flows = undefined;
      this.#tell(null);
    });
  }

  of(workspaceId: string): Promise<MarkedFlow[]> {
    const kept = this.#kept.get(workspaceId) ?? this.#keep(workspaceId);
    if (kept.flows) return kept.flows;
    const flows = markedFlows(this.#deps, workspaceId);
    kept.flows = flows;
    flows.catch(() => {
      if (kept.flows === flows) kept.flows = undefined;
    });
    return flows;
  }

  onChange(heard: (workspaceId: string | null) => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  /** Listens before anything is read: what changes meanwhile is not missed. */
  #keep(workspaceId: string): Kept {
    const unsubscribe = this.#deps.live.subscribe(workspaceTopic(workspaceId), (payload) => {
      if (!payload.includes('"type":"flow"')) return;
      kept.flows = undefined;
      this.#tell(workspaceId);
    });
    const kept: Kept = { flows: undefined, unsubscribe };
    this.#kept.set(workspaceId, kept);
    for (const [oldest, { unsubscribe: leave }] of this.#kept) {
      if (this.#kept.size <= MAX_WORKSPACES) break;
      leave();
      this.#kept.delete(oldest);
    }
    return kept;
  }

  #tell(workspaceId: string | null): void {
    for (const heard of this.#heard) heard(workspaceId);
  }
}

// The same object as long as the flow is the same: whoever compiles its schema does so once.
const definitions = new WeakMap<MarkedFlow, ListedTool>();

function definitionOf(flow: MarkedFlow): ListedTool {
  const known = definitions.get(flow);
  if (known) return known;
  const { flowName: title, tool } = flow;
  const made: ListedTool = {
    name: tool.name,
    title,
    description: tool.description,
    inputSchema: tool.inputSchema,
    annotations: { title, readOnlyHint: tool.class === "read", destructiveHint: tool.class === "dangerous" },
  };
  definitions.set(flow, made);
  return made;
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
    .map((flow) => ({
      definition: definitionOf(flow),
      permission: "flow.run",
      async start(caller, args) {
        const { runId } = await startFlowRun(deps, caller.actor, {
          flowId: flow.flowId,
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
