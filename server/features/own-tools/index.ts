import type { Actor } from "#server/kernel/actor.ts";
import type { OwnTool, OwnToolSource } from "#server/mcp/serve/own-tools.ts";
import { beginCode, codeRequest, codeResult, runCodeDefinition } from "../code-mode/index.ts";
import { failure, structured } from "./define-tool.ts";
import { discoveryTools, type DiscoveryDeps } from "./discovery-tools.ts";
import type { FindableTool } from "./find-tools.ts";
import { flowAndRunTools } from "./flow-run-tools.ts";
import { FlowToolCache, flowRunTools } from "./flow-tools.ts";
import { asOwnTool, type RunTool } from "./run-tool.ts";
import { usableTools } from "./usable-tools.ts";

export { valueOf, type OwnCaller } from "./define-tool.ts";
export {
  addAnswer,
  Discovery,
  discoveryTools,
  serverPage,
  type AddAnswer,
  type DiscoveryDeps,
} from "./discovery-tools.ts";
export type { FindableTool } from "./find-tools.ts";
export { rankTools } from "./rank-tools.ts";
export { awaitRun } from "./await-run.ts";
export type { RunTool } from "./run-tool.ts";
export { compactTool, oneLine, sumOfTokens, tokensOf, toolTokens } from "./tool-text.ts";
export { usableTools };

/** Which flows are tools, kept by a process; one of each for its whole life. */
export const createFlowToolCache = (deps: Pick<DiscoveryDeps, "db" | "live">): FlowToolCache => new FlowToolCache(deps);
export type { FlowToolCache };

/** `run_code`. `flows`: name → id of those that the code may call. */
const codeTool = (deps: DiscoveryDeps, cache: FlowToolCache): RunTool => ({
  definition: runCodeDefinition,
  permission: "plant.read",
  async start(caller, args) {
    const flows = await callableFlows(deps, cache, caller.actor);
    return beginCode(
      deps,
      caller.actor,
      { ...codeRequest(args), flows: Object.fromEntries(flows.map(({ tool, flowId }) => [tool.name, flowId])) },
      {
        trigger: caller.through.kind === "chat" ? "chat" : "mcp",
        parentRunId: caller.runId,
        idempotencyKey: caller.idempotencyKey,
        requestId: caller.requestId,
      },
    );
  },
  async result(run) {
    const { failed, result, log } = await codeResult(deps, run);
    if (!failed) return structured({ result, ...(log.length > 0 ? { log } : {}) });
    return failure([String(result), ...(log.length > 0 ? ["Log:", ...log] : [])].join("\n"));
  },
});

const callableFlows = async (deps: DiscoveryDeps, cache: FlowToolCache, actor: Actor) => {
  const names = new Set((await flowRunTools(deps, cache, actor)).map(({ definition: { name } }) => name));
  return (await cache.of(actor.workspaceId)).filter(({ tool }) => names.has(tool.name));
};

/** Tools whose calls are runs: code, and the flows that somebody may call. */
export async function runTools(
  deps: DiscoveryDeps,
  cache: FlowToolCache,
  actor: Actor,
): Promise<{ code: RunTool; flows: RunTool[] }> {
  return { code: codeTool(deps, cache), flows: await flowRunTools(deps, cache, actor) };
}

export const findableFlow = ({ definition: { name, title, description, inputSchema } }: RunTool): FindableTool => ({
  name,
  title: String(title ?? name),
  description: String(description ?? ""),
  inputSchema: inputSchema as Record<string, unknown>, // of a flow's marking, or of run_code
});

/** The gateway's own tools that are the same for everybody. */
export const ownTools = (deps: DiscoveryDeps, cache: FlowToolCache): OwnTool[] => [
  ...flowAndRunTools(deps),
  ...discoveryTools(deps, async (actor) => [
    ...(await usableTools(deps, actor)),
    ...(await flowRunTools(deps, cache, actor)).map(findableFlow),
  ]),
  asOwnTool(deps, codeTool(deps, cache)),
];

/** Flows that their owners made tools, for somebody who may run them. */
export const flowTools = async (deps: DiscoveryDeps, cache: FlowToolCache, actor: Actor): Promise<OwnTool[]> =>
  (await flowRunTools(deps, cache, actor)).map((tool) => asOwnTool(deps, tool));

/** All of them, as the MCP endpoint asks for them. */
export function ownToolSource(deps: DiscoveryDeps, cache = createFlowToolCache(deps)): OwnToolSource {
  const fixed = ownTools(deps, cache);
  return {
    for: async (actor) => [...fixed, ...(await flowTools(deps, cache, actor))],
    onChange: (heard) => cache.onChange(heard),
  };
}
