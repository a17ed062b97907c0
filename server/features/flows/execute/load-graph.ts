import type { Graph, NodeDef } from "#server/engine/contract.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../../deps.ts";
import { credentialSecretOf, decryptCredentials } from "../credentials.ts";
import { flowGraph } from "../graph.ts";

const MAX_GRAPHS = 200;

export type GraphLoader = (flow: { flowId: string; workspaceId: string; revision: number | null }) => Promise<Graph>;

/**
 * Graphs of flows at a revision (null: the newest), with their credentials, as the engine takes them. A revision never
 * changes, so those that were used last are kept.
 */
export function graphLoader({ db, settings }: Pick<Deps, "db" | "settings">): GraphLoader {
  const kept = new Map<string, Promise<Graph>>();

  const load = async (flowId: string, workspaceId: string, wanted: number | null): Promise<Graph> => {
    const flow = await db.flow.findFirst({
      where: { id: flowId, workspaceId },
      include: { document: { select: { revision: true, userId: true } } },
    });
    if (!flow) throw missing("flow");
    const { documentId, tabId, document } = flow;
    const revision = await db.flowRevision.findUnique({
      where: { documentId_revision: { documentId, revision: wanted ?? document.revision } },
      select: { nodes: true, credentials: true },
    });
    if (!revision) throw missing("revision");
    const secret = credentialSecretOf(settings, { workspaceId, userId: document.userId });
    const nodes = revision.nodes as unknown as NodeDef[]; // written by documents.ts alone
    const graph = flowGraph(nodes, tabId, decryptCredentials(secret, revision.credentials));
    return { ...graph, key: `${documentId}/${graph.key}`, space: documentId };
  };

  return ({ flowId, workspaceId, revision }) => {
    if (revision === null) return load(flowId, workspaceId, null);
    const key = `${workspaceId}/${flowId}/${revision}`;
    const known = kept.get(key);
    const graph = known ?? load(flowId, workspaceId, revision);
    kept.delete(key);
    kept.set(key, graph);
    if (known) return known;
    graph.catch(() => kept.delete(key));
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_GRAPHS) break;
      kept.delete(oldest);
    }
    return graph;
  };
}
