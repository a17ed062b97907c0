import type { AuditEntry } from "#server/generated/prisma/client.ts";
import { authorise, type Actor } from "#server/kernel/actor.ts";
import type { Prisma } from "#server/kernel/db.ts";
import type { Deps } from "../deps.ts";
import type { AuditEntryView, AuditFilter, ListAudit } from "./schema.ts";

/** Throws `forbidden` where somebody else than the platform's owner asks for more than their workspace. */
function conditionOf(actor: Actor, filter: AuditFilter): Prisma.AuditEntryWhereInput {
  const { search, action, outcome, userId, runId, from, until, scope } = filter;
  if (scope === "all") authorise(actor, "admin.read");
  const like = search ? { contains: search, mode: "insensitive" as const } : null;
  return {
    ...(scope === "all" ? {} : { workspaceId: actor.workspaceId }),
    ...(action ? { action: action.endsWith(".") ? { startsWith: action } : action } : {}),
    ...(outcome ? { outcome } : {}),
    ...(userId ? { userId } : {}),
    ...(runId ? { runId } : {}),
    ...(from || until ? { at: { ...(from ? { gte: from } : {}), ...(until ? { lt: until } : {}) } } : {}),
    ...(like
      ? {
          OR: [
            { action: like },
            { subject: like },
            { runId: search ?? "" },
            { actor: { path: ["name"], string_contains: search ?? "", mode: "insensitive" } },
          ],
        }
      : {}),
  };
}

const viewOf = ({ seq, outcome, ...entry }: AuditEntry): AuditEntryView => ({
  ...entry,
  outcome: outcome as AuditEntryView["outcome"], // written by recordAudit and the audit writer alone
  seq: seq === null ? null : String(seq),
});

/** Entries of the workspace, newest first; of all workspaces for the platform's owner who asks for it. */
export async function listAudit(
  { db }: Pick<Deps, "db">,
  actor: Actor,
  { limit, cursor, ...filter }: ListAudit,
): Promise<{ items: AuditEntryView[]; nextCursor: string | null }> {
  const where = conditionOf(actor, filter);
  const rows = await db.auditEntry.findMany({
    where: cursor ? { AND: [where, { id: { lt: cursor } }] } : where,
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  return { items: page.map(viewOf), nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

const PAGE = 1_000;

/** The same, oldest first and without end, page by page; what is written meanwhile may or may not be among it. */
export async function* exportAudit(
  { db }: Pick<Deps, "db">,
  actor: Actor,
  filter: AuditFilter,
): AsyncGenerator<AuditEntryView[]> {
  const where = conditionOf(actor, filter);
  for (let after = ""; ;) {
    const rows = await db.auditEntry.findMany({
      where: { AND: [where, { id: { gt: after } }] },
      orderBy: { id: "asc" },
      take: PAGE,
    });
    if (rows.length > 0) yield rows.map(viewOf);
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}
