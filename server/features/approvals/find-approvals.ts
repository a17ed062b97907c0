import type { Approval, ApprovalVote } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Prisma } from "#server/kernel/db.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { answerableBy, refusal } from "./may-respond.ts";
import type { ApprovalField, ApprovalOption, ApprovalStatus, ApprovalView, ListApprovals } from "./schema.ts";

type WithVotes = Approval & { votes: ApprovalVote[] };
const withVotes = { votes: { orderBy: { at: "asc" } } } satisfies Prisma.ApprovalInclude;

/** Names of flows and people that approvals point to. */
async function names({ db }: Pick<Deps, "db">, approvals: readonly Approval[]) {
  const ids = (key: "flowId" | "starterId") => [...new Set(approvals.flatMap((approval) => approval[key] ?? []))];
  const [flows, users] = await Promise.all([
    db.flow.findMany({ where: { id: { in: ids("flowId") } }, select: { id: true, name: true } }),
    db.user.findMany({ where: { id: { in: ids("starterId") } }, select: { id: true, name: true } }),
  ]);
  const nameOf = (rows: { id: string; name: string }[]) => {
    const byId = new Map(rows.map(({ id, name }) => [id, name]));
    return (id: string | null) => (id === null ? null : (byId.get(id) ?? null));
  };
  return { flow: nameOf(flows), user: nameOf(users) };
}

function approvalView(
  approval: WithVotes,
  actor: Actor,
  { flow, user }: Awaited<ReturnType<typeof names>>,
): ApprovalView {
  const refused = approval.status === "open" ? refusal(actor, approval) : null;
  return {
    id: approval.id,
    kind: approval.kind as ApprovalView["kind"], // written by requestApproval alone, as are the next ones
    title: approval.title,
    question: approval.question,
    detail: approval.detail,
    options: approval.options as ApprovalOption[],
    form: approval.form as ApprovalField[],
    status: approval.status as ApprovalStatus,
    runId: approval.runId,
    stepSeq: approval.stepSeq,
    flowId: approval.flowId,
    flowName: flow(approval.flowId),
    tool: approval.tool,
    usedAt: approval.kind === "tool" ? approval.usedAt : null,
    starterName: user(approval.starterId),
    required: approval.required,
    votes: approval.votes.map(({ userName, option, at }) => ({ userName, option, at })),
    decision: approval.decision,
    values: approval.values as Record<string, unknown> | null,
    comment: approval.comment,
    decidedByName: approval.decidedByName,
    decidedAt: approval.decidedAt,
    expiresAt: approval.expiresAt,
    defaultOption: approval.defaultOption,
    createdAt: approval.createdAt,
    mayRespond: approval.status === "open" && refused === null,
    whyNot: refused?.message ?? null,
  };
}

const inBox = (actor: Actor, box: ListApprovals["box"]): Prisma.ApprovalWhereInput => {
  if (box === "past") return { status: { not: "open" } };
  return box === "team" ? { status: "open" } : { status: "open", ...answerableBy(actor) };
};

/** Approvals of the workspace, newest first. */
export async function listApprovals(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { box, runId, limit, cursor }: ListApprovals,
): Promise<{ items: ApprovalView[]; nextCursor: string | null }> {
  const rows = await deps.db.approval.findMany({
    where: {
      workspaceId: actor.workspaceId,
      ...inBox(actor, box),
      ...(runId ? { runId } : {}),
      ...(cursor ? { id: { lt: cursor } } : {}),
    },
    include: withVotes,
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  const known = await names(deps, page);
  return {
    items: page.map((approval) => approvalView(approval, actor, known)),
    nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Open ones: `mine` are for the caller to answer, `team` are all of the workspace. */
export async function countApprovals({ db }: Pick<Deps, "db">, actor: Actor): Promise<{ mine: number; team: number }> {
  const where = (box: "mine" | "team") => ({ workspaceId: actor.workspaceId, ...inBox(actor, box) });
  const [mine, team] = await Promise.all([
    db.approval.count({ where: where("mine") }),
    db.approval.count({ where: where("team") }),
  ]);
  return { mine, team };
}

/** One approval of the actor's workspace. */
export async function getApproval(deps: Pick<Deps, "db">, actor: Actor, { id }: { id: string }): Promise<ApprovalView> {
  const approval = await deps.db.approval.findFirst({
    where: { id, workspaceId: actor.workspaceId },
    include: withVotes,
  });
  if (!approval) throw missing("approval");
  return approvalView(approval, actor, await names(deps, [approval]));
}

/** The one open approval of a run. Throws `missing` for a foreign run, `conflict` where there is none or more than one. */
export async function openApprovalOf(
  { db }: Pick<Deps, "db">,
  actor: Actor,
  { runId, approval }: { runId: string; approval?: string | undefined },
): Promise<{ id: string } | { none: true } | { several: string[] }> {
  const run = await db.run.findFirst({
    where: { id: runId, workspaceId: actor.workspaceId, OR: [{ kind: { not: "chat" } }, { userId: actor.userId }] },
    select: { id: true },
  });
  if (!run) throw missing("run");
  if (approval !== undefined) {
    const named = await db.approval.findFirst({ where: { id: approval, runId, workspaceId: actor.workspaceId } });
    if (!named) throw missing("approval");
    return { id: named.id };
  }
  const open = await db.approval.findMany({
    where: { runId, workspaceId: actor.workspaceId, status: "open" },
    select: { id: true },
    orderBy: { id: "asc" },
  });
  const [only] = open;
  if (only && open.length === 1) return only;
  return only ? { several: open.map(({ id }) => id) } : { none: true };
}
