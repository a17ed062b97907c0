import type { NodeDef } from "#server/engine/contract.ts";
import type { Flow } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Prisma, Tx } from "#server/kernel/db.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { flowNodes } from "./graph.ts";
import { prepareNodes } from "./prepare-flow.ts";
import type { FlowDetail, FlowNode, FlowView, ListFlows } from "./schema.ts";
import { endpointsOf } from "./sync-flows.ts";

type LastRun = NonNullable<FlowView["lastRun"]>;

/** The newest run of each flow that has one. */
async function lastRuns({ sql }: Pick<Deps, "sql">, flowIds: readonly string[]): Promise<Map<string, LastRun>> {
  if (flowIds.length === 0) return new Map();
  const { rows } = await sql.query<LastRun & { flow: string }>(
    `SELECT flow, run.id, replace(run.status::text, '-', '_') AS status, run."createdAt", run."endedAt"
     FROM unnest($1::text[]) AS flow CROSS JOIN LATERAL (
       SELECT id, status, "createdAt", "endedAt" FROM "Run" WHERE "subjectId" = flow ORDER BY id DESC LIMIT 1
     ) AS run`,
    [flowIds],
  );
  return new Map(rows.map(({ flow, ...run }) => [flow, run]));
}

async function ownerNames({ db }: Pick<Deps, "db">, ids: readonly string[]): Promise<Map<string, string>> {
  const users = await db.user.findMany({ where: { id: { in: [...new Set(ids)] } }, select: { id: true, name: true } });
  return new Map(users.map(({ id, name }) => [id, name]));
}

const flowView = (flow: Flow, actor: Actor, ownerName: string, lastRun: LastRun | null): FlowView => ({
  id: flow.id,
  name: flow.name,
  description: flow.description,
  disabled: flow.disabled,
  tabId: flow.tabId,
  ownerId: flow.ownerId,
  ownerName,
  mine: flow.ownerId === actor.userId,
  revision: flow.changedIn,
  nodeCount: flow.nodeCount,
  tool: flow.tool as FlowView["tool"], // written by setFlowTool alone
  createdAt: flow.createdAt,
  updatedAt: flow.updatedAt,
  lastRun,
});

/** A flow of the actor's workspace. Throws `missing` for others and for deleted ones. */
export async function findFlow({ db }: { db: Deps["db"] | Tx }, actor: Actor, id: string): Promise<Flow> {
  const flow = await db.flow.findFirst({ where: { id, workspaceId: actor.workspaceId, deletedAt: null } });
  if (!flow) throw missing("flow");
  return flow;
}

/** The workspace's flows, newest first; `mine`: those of the caller's own editor. */
export async function listFlows(
  deps: Pick<Deps, "db" | "sql">,
  actor: Actor,
  { search, mine, limit, cursor }: ListFlows,
): Promise<{ items: FlowView[]; nextCursor: string | null }> {
  const where: Prisma.FlowWhereInput = {
    workspaceId: actor.workspaceId,
    deletedAt: null,
    ...(mine ? { ownerId: actor.userId } : {}),
    ...(cursor ? { id: { lt: cursor } } : {}),
    ...(search
      ? {
          OR: [
            { name: { contains: search, mode: "insensitive" as const } },
            { description: { contains: search, mode: "insensitive" as const } },
          ],
        }
      : {}),
  };
  const rows = await deps.db.flow.findMany({ where, orderBy: { id: "desc" }, take: limit + 1 });
  const page = rows.slice(0, limit);
  const [runs, names] = await Promise.all([
    lastRuns(
      deps,
      page.map(({ id }) => id),
    ),
    ownerNames(
      deps,
      page.map(({ ownerId }) => ownerId),
    ),
  ]);
  return {
    items: page.map((flow) => flowView(flow, actor, names.get(flow.ownerId) ?? "", runs.get(flow.id) ?? null)),
    nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Where an `http in` node answers, for people to copy. */
const endpointUrl = (publicUrl: string, path: string) => `${publicUrl}/flows/http${path}`;

/** One flow with its nodes, what is wrong with it, where its runs begin and where it answers. */
export async function getFlow(
  deps: Pick<Deps, "db" | "sql" | "settings">,
  actor: Actor,
  { id }: { id: string },
): Promise<FlowDetail> {
  const flow = await findFlow(deps, actor, id);
  const [document, runs, names] = await Promise.all([
    deps.db.flowDocument.findUniqueOrThrow({ where: { id: flow.documentId }, select: { nodes: true } }),
    lastRuns(deps, [id]),
    ownerNames(deps, [flow.ownerId]),
  ]);
  const nodes = flowNodes(document.nodes as unknown as NodeDef[], flow.tabId); // written by documents.ts alone
  const { issues, starts } = await prepareNodes(deps, actor.workspaceId, nodes, flow.tabId);
  return {
    ...flowView(flow, actor, names.get(flow.ownerId) ?? "", runs.get(id) ?? null),
    nodes: nodes as FlowNode[],
    issues,
    starts,
    endpoints: flow.disabled
      ? []
      : endpointsOf(nodes, flow.tabId).map(({ method, path }) => ({
          method: method.toUpperCase(),
          path,
          url: endpointUrl(deps.settings.publicUrl, path),
        })),
  };
}
