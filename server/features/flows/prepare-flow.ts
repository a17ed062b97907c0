import type { NodeDef } from "#server/engine/contract.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import type { Tier } from "#server/llm/models.ts";
import type { Deps } from "../deps.ts";
import { cacheOf } from "./flow-cache.ts";
import { flowNodes } from "./graph.ts";
import { usesModel } from "./node-types.ts";
import type { FlowIssue, FlowStart } from "./schema.ts";
import { flowStarts } from "./starts.ts";
import { validateFlow } from "./validate.ts";

/** What a start needs to know of a flow at one revision. */
export interface PreparedFlow {
  starts: FlowStart[];
  issues: FlowIssue[];
  /** Tiers of the models that its nodes call. */
  models: Tier[];
}

const PREPARED = Symbol("prepared flows");

/** A revision's nodes: of the whole document. */
export async function revisionNodes(
  { db }: Pick<Deps, "db">,
  documentId: string,
  revision: number,
): Promise<NodeDef[]> {
  const row = await db.flowRevision.findUnique({
    where: { documentId_revision: { documentId, revision } },
    select: { nodes: true },
  });
  if (!row) throw missing("revision");
  return row.nodes as unknown as NodeDef[]; // written by documents.ts alone
}

/** Errors for sub-flows that are named and are not there. */
async function subFlowIssues({ db }: Pick<Deps, "db">, workspaceId: string, nodes: readonly NodeDef[]) {
  const named = nodes.flatMap((node) =>
    node.type === "osf-sub-flow" && node.d !== true && typeof node.flow === "string" && node.flow ? [node] : [],
  );
  if (named.length === 0) return [];
  const ids = named.map(({ flow }) => String(flow));
  const there = await db.flow.findMany({
    where: { id: { in: ids }, workspaceId, deletedAt: null },
    select: { id: true },
  });
  const known = new Set(there.map(({ id }) => id));
  return named
    .filter(({ flow }) => !known.has(String(flow)))
    .map((node): FlowIssue => ({
      severity: "error",
      code: "flow.sub-flow",
      node: node.id,
      nodeName: node.name || null,
      property: "flow",
      message: "The flow that it calls does not exist any more. Choose another one",
    }));
}

/** Issues, starts and models of a flow; `nodes` is the flow's part of the document. */
export async function prepareNodes(
  deps: Pick<Deps, "db">,
  workspaceId: string,
  nodes: NodeDef[],
  tabId: string,
): Promise<PreparedFlow> {
  const issues = [...validateFlow(nodes, tabId), ...(await subFlowIssues(deps, workspaceId, nodes))];
  const models = new Set<Tier>();
  for (const node of nodes)
    if (node.d !== true && usesModel(node)) models.add(node.tier === "premium" ? "premium" : "free");
  return { starts: flowStarts(nodes, tabId), issues, models: [...models] };
}

/** The same for a revision, remembered: a revision never changes. */
export async function prepareFlow(
  deps: Pick<Deps, "db" | "live">,
  flow: { workspaceId: string; documentId: string; tabId: string; revision: number },
): Promise<PreparedFlow> {
  const cache = cacheOf<PreparedFlow>(deps, PREPARED);
  const key = `${flow.documentId}/${flow.revision}/${flow.tabId}`;
  const known = cache.get(key);
  if (known) return known;
  const nodes = flowNodes(await revisionNodes(deps, flow.documentId, flow.revision), flow.tabId);
  const prepared = await prepareNodes(deps, flow.workspaceId, nodes, flow.tabId);
  // What another flow's absence makes is not for ever.
  if (!prepared.issues.some(({ code }) => code === "flow.sub-flow")) cache.set(key, prepared);
  return prepared;
}

/** Throws `unprocessable` (`flow.invalid`) with the errors among the issues, where there are any. */
export function refuseInvalid({ issues }: PreparedFlow): void {
  const errors = issues.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (!first) return;
  const where = first.nodeName ?? first.node;
  throw new AppError(
    "unprocessable",
    "flow.invalid",
    `The engine cannot run this flow: ${where ? `${where}: ` : ""}${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ""}`,
    {
      fields: errors.map(({ node, property, message }) => ({
        path: [node, property].filter(Boolean).join("."),
        message,
      })),
      extra: { issues: errors },
    },
  );
}
