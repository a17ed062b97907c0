import type { NodeDef } from "#server/engine/contract.ts";
import type { Tx } from "#server/kernel/db.ts";
import { newId } from "#server/kernel/ids.ts";
import type { Seat } from "./credentials.ts";
import { flowGraph } from "./graph.ts";

export interface Sync extends Seat {
  documentId: string;
  before: readonly NodeDef[];
  after: readonly NodeDef[];
  revision: number;
  at: Date;
}

const text = (value: unknown, fallback = "") => (typeof value === "string" && value.trim() ? value.trim() : fallback);

/** What a tab says of itself, as the flow's row keeps it. */
const aboutTab = (tab: NodeDef) => ({
  name: text(tab.label, "Flow").slice(0, 120),
  description: text(tab.info).slice(0, 2_000),
  disabled: tab.disabled === true,
});

export interface EndpointOfNode {
  nodeId: string;
  method: string;
  /** With a slash in front. */
  path: string;
}

/** The enabled `http in` nodes of a tab. */
export function endpointsOf(nodes: readonly NodeDef[], tabId: string): EndpointOfNode[] {
  return nodes.flatMap((node) => {
    if (node.type !== "http in" || node.z !== tabId || node.d === true) return [];
    const url = text(node.url);
    if (!url || url.length > 500) return [];
    return [
      { nodeId: node.id, method: text(node.method, "get").toLowerCase(), path: url.startsWith("/") ? url : `/${url}` },
    ];
  });
}

/**
 * Brings the rows of a document's flows and endpoints in line with its tabs: new ones, changed ones, restored ones, and
 * those that are gone, which stay with a date for the runs that they had. Answers the names for the audit.
 */
export async function syncFlows(
  tx: Tx,
  { workspaceId, userId, documentId, before, after, revision, at }: Sync,
): Promise<{ added: string[]; changed: string[]; removed: string[] }> {
  const rows = new Map((await tx.flow.findMany({ where: { documentId } })).map((row) => [row.tabId, row]));
  const tabs = after.filter(({ type }) => type === "tab");
  const touched: Record<"added" | "changed" | "removed", string[]> = { added: [], changed: [], removed: [] };

  for (const [i, tab] of tabs.entries()) {
    const about = aboutTab(tab);
    const row = rows.get(tab.id);
    rows.delete(tab.id);
    const isSame = row && !row.deletedAt && flowGraph(before, tab.id).key === flowGraph(after, tab.id).key;
    if (isSame) continue;
    const nodeCount = after.filter(({ z, type }) => z === tab.id && type !== "group").length;
    const data = { ...about, nodeCount, changedIn: revision, updatedAt: at, deletedAt: null };
    // The time counts on by one for each tab, so that lists have the editor's order.
    const id = row?.id ?? newId("flow", at.getTime() + i);
    if (row) await tx.flow.update({ where: { id }, data });
    else
      await tx.flow.create({
        data: { id, workspaceId, documentId, tabId: tab.id, ownerId: userId, createdAt: at, ...data },
      });
    touched[row && !row.deletedAt ? "changed" : "added"].push(about.name);
    await tx.flowEndpoint.deleteMany({ where: { flowId: id } });
    await tx.flowEndpoint.createMany({
      data: endpointsOf(after, tab.id).map((endpoint, n) => ({
        id: newId("ep", at.getTime() + n),
        workspaceId,
        flowId: id,
        ...endpoint,
      })),
    });
  }
  const gone = [...rows.values()].filter(({ deletedAt }) => deletedAt === null);
  if (gone.length > 0) {
    const ids = gone.map(({ id }) => id);
    await tx.flow.updateMany({ where: { id: { in: ids } }, data: { deletedAt: at, changedIn: revision } });
    await tx.flowEndpoint.deleteMany({ where: { flowId: { in: ids } } });
    touched.removed.push(...gone.map(({ name }) => name));
  }
  return touched;
}
