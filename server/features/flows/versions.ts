import type { NodeDef } from "#server/engine/contract.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { findFlow } from "./find-flows.ts";
import { flowNodes } from "./graph.ts";
import { prepareNodes, revisionNodes } from "./prepare-flow.ts";
import type { FlowIssue, FlowNode, FlowStart, FlowVersion } from "./schema.ts";

/** How far back a page looks for revisions that changed the flow; the next page goes on from there. */
const LOOK_BACK = 300;

/** The document's revisions that changed the nodes of this flow's tab, newest first. */
export async function listVersions(
  deps: Pick<Deps, "db" | "sql">,
  actor: Actor,
  { id, limit, cursor }: { id: string; limit: number; cursor?: string | undefined },
): Promise<{ items: FlowVersion[]; nextCursor: string | null }> {
  const flow = await findFlow(deps, actor, id);
  const before = Number(cursor ?? Number.MAX_SAFE_INTEGER);
  // A tab's content is hashed in the database: documents are large, and only few revisions change a given tab.
  // The oldest revision that is looked at is there to be compared with; it is the next page's first.
  const { rows } = await deps.sql.query<FlowVersion>(
    `WITH recent AS (
       SELECT revision, source, "authorId", "createdAt", nodes FROM "FlowRevision"
       WHERE "documentId" = $1 AND revision < $3 ORDER BY revision DESC LIMIT ${LOOK_BACK + 1}
     ), content AS (
       SELECT recent.revision, md5(string_agg(node::text, ',' ORDER BY place)) AS hash
       FROM recent, json_array_elements(recent.nodes) WITH ORDINALITY AS each(node, place)
       WHERE node->>'id' = $2 OR node->>'z' = $2 GROUP BY recent.revision
     ), compared AS (
       SELECT revision, hash, lag(hash) OVER (ORDER BY revision) AS earlier FROM content
     )
     SELECT recent.revision, recent.source, "User".name AS "authorName", recent."createdAt"
     FROM compared JOIN recent USING (revision) LEFT JOIN "User" ON "User".id = recent."authorId"
     WHERE compared.hash IS DISTINCT FROM compared.earlier
       AND ((SELECT count(*) FROM recent) <= ${LOOK_BACK} OR revision > (SELECT min(revision) FROM recent))
     ORDER BY recent.revision DESC LIMIT $4`,
    [flow.documentId, flow.tabId, Number.isSafeInteger(before) ? Math.min(before, 2 ** 31 - 1) : 0, limit + 1],
  );
  const items = rows.slice(0, limit);
  if (rows.length > limit) return { items, nextCursor: String(items.at(-1)?.revision) };
  return { items, nextCursor: await furtherBack(deps, flow.documentId, before) };
}

/** Where the next page begins, when there are more revisions than one page looks at. */
async function furtherBack({ db }: Pick<Deps, "db">, documentId: string, before: number): Promise<string | null> {
  const [oldest] = await db.flowRevision.findMany({
    where: { documentId, revision: { lt: Math.min(before, 2 ** 31 - 1) } },
    orderBy: { revision: "desc" },
    skip: LOOK_BACK,
    take: 1,
    select: { revision: true },
  });
  return oldest ? String(oldest.revision + 1) : null;
}

/** The flow as it was at a revision. Throws `missing` where it did not exist. */
export async function getVersion(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { id, revision }: { id: string; revision: number },
): Promise<{ revision: number; nodes: FlowNode[] }> {
  const flow = await findFlow(deps, actor, id);
  const nodes = flowNodes(await revisionNodes(deps, flow.documentId, revision), flow.tabId);
  if (nodes.length === 0) throw missing("revision");
  return { revision, nodes: nodes as FlowNode[] };
}

/** What is wrong with a flow and where its runs begin: as it is stored, or with other nodes that were not stored yet. */
export async function validateStored(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { id, nodes }: { id: string; nodes?: FlowNode[] | undefined },
): Promise<{ valid: boolean; issues: FlowIssue[]; starts: FlowStart[] }> {
  const flow = await findFlow(deps, actor, id);
  const own = nodes
    ? (nodes as NodeDef[])
    : flowNodes(
        (await deps.db.flowDocument.findUniqueOrThrow({ where: { id: flow.documentId }, select: { nodes: true } }))
          .nodes as unknown as NodeDef[], // written by documents.ts alone
        flow.tabId,
      );
  const { issues, starts } = await prepareNodes(deps, actor.workspaceId, own, flow.tabId);
  return { valid: issues.every(({ severity }) => severity !== "error"), issues, starts };
}

/** The flow that a run executed, as it was then. Throws `missing` for runs of others and of other kinds. */
export async function runGraph(
  deps: Pick<Deps, "db">,
  actor: Actor,
  runId: string,
): Promise<{ flowId: string; flowName: string; tabId: string; revision: number; nodes: FlowNode[] }> {
  const run = await deps.db.run.findFirst({
    where: { id: runId, workspaceId: actor.workspaceId, kind: "flow" },
    select: { subjectId: true, subjectVersion: true },
  });
  if (!run?.subjectId || run.subjectVersion === null) throw missing("run");
  // Also of a flow that was deleted since.
  const flow = await deps.db.flow.findFirst({ where: { id: run.subjectId, workspaceId: actor.workspaceId } });
  if (!flow) throw missing("flow");
  const nodes = flowNodes(await revisionNodes(deps, flow.documentId, run.subjectVersion), flow.tabId);
  return {
    flowId: flow.id,
    flowName: flow.name,
    tabId: flow.tabId,
    revision: run.subjectVersion,
    nodes: nodes as FlowNode[],
  };
}
