import type { Deps } from "../../deps.ts";
import { workspaceTopic } from "../../runs/index.ts";
import { cacheOf } from "../flow-cache.ts";
import { prepareFlow } from "../prepare-flow.ts";
import type { RunnableFlow } from "../start-flow-run.ts";
import { endpointPath, type EndpointPath } from "./endpoint-path.ts";

interface Endpoint {
  flow: RunnableFlow;
  nodeId: string;
  method: string;
  path: EndpointPath;
}

/** An endpoint that answers a request. */
export interface EndpointMatch {
  flow: RunnableFlow;
  /** The `http in` node. */
  nodeId: string;
  params: Record<string, string>;
}

/** The endpoints of one workspace, until something about its flows changes. */
interface Known {
  load: Promise<Endpoint[]>;
  forget(): void;
}

const ENDPOINTS = Symbol("endpoints");
const isFlowHint = (payload: string) => payload.includes('"type":"flow"');

function endpointsOf(deps: Pick<Deps, "db" | "live">, workspaceId: string): Promise<Endpoint[]> {
  const cache = cacheOf<Known>(deps, ENDPOINTS, ({ forget }) => forget());
  const known = cache.get(workspaceId);
  if (known) return known.load;
  // Listens first: what changes while it loads is then not kept.
  const drop = () => cache.delete(workspaceId);
  const offs = [
    deps.live.subscribe(workspaceTopic(workspaceId), (payload) => isFlowHint(payload) && drop()),
    deps.live.onGap(drop),
  ];
  const load = loadEndpoints(deps, workspaceId);
  load.catch(drop);
  cache.set(workspaceId, {
    load,
    forget() {
      for (const off of offs) off();
    },
  });
  return load;
}

async function loadEndpoints({ db }: Pick<Deps, "db">, workspaceId: string): Promise<Endpoint[]> {
  const rows = await db.flowEndpoint.findMany({
    where: { workspaceId, flow: { deletedAt: null, disabled: false } },
    include: { flow: { include: { document: { select: { revision: true } } } } },
    orderBy: [{ flowId: "asc" }, { id: "asc" }],
  });
  return rows.flatMap(({ flow, nodeId, method, path }) => {
    const compiled = endpointPath(path);
    if (!compiled) return [];
    const { id, ownerId, name, documentId, tabId, document } = flow;
    const runnable = { id, workspaceId, ownerId, name, documentId, tabId, revision: document.revision };
    return [{ flow: runnable, nodeId, method, path: compiled }];
  });
}

/** Forgets what this process knows of a workspace's endpoints, without waiting for the word of the database. */
export const forgetEndpoints = (deps: Pick<Deps, "live">, workspaceId: string): void =>
  cacheOf<Known>(deps, ENDPOINTS, ({ forget }) => forget()).delete(workspaceId);

/**
 * The flow of a workspace that answers a request below /flows/http on the engine; null: none does, a pod may. `path`
 * without /flows/http and without the query. Of several the caller's own comes first (`userId`), then the oldest.
 * Flows that the engine cannot run are left to the pods.
 */
export async function matchEndpoint(
  deps: Pick<Deps, "db" | "live">,
  workspaceId: string,
  method: string,
  path: string,
  userId?: string,
): Promise<EndpointMatch | null> {
  const wanted = method === "HEAD" ? "get" : method.toLowerCase();
  const matches = (await endpointsOf(deps, workspaceId)).flatMap((endpoint) => {
    const params = endpoint.method === wanted ? endpoint.path.match(path) : null;
    return params ? [{ ...endpoint, params }] : [];
  });
  const own = (match: (typeof matches)[number]) => (match.flow.ownerId === userId ? 0 : 1);
  for (const { flow, nodeId, params } of matches.toSorted((a, b) => own(a) - own(b))) {
    const { issues } = await prepareFlow(deps, flow);
    if (issues.every(({ severity }) => severity !== "error")) return { flow, nodeId, params };
  }
  return null;
}
