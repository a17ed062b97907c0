import type { Approval } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Prisma, Tx } from "#server/kernel/db.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { resumeRun, workspaceTopic } from "../runs/index.ts";
import { APPROVAL_HINT, approvalTopic } from "./approval-topic.ts";
import { getApproval } from "./find-approvals.ts";
import { formValues } from "./form-values.ts";
import { refusal } from "./may-respond.ts";
import type { ApprovalField, ApprovalOption, ApprovalView, Respond } from "./schema.ts";

/** Says who was first. */
function notOpen({ status, decision, decidedByName, decidedAt }: Approval): AppError {
  const at = decidedAt?.toISOString();
  const [code, message] =
    status === "cancelled"
      ? ["approval.cancelled", "This is no longer asked: its run was ended"]
      : status === "expired"
        ? ["approval.expired", `This expired at ${at}${decision === null ? "" : `, and ${decision} was taken`}`]
        : ["approval.decided", `${decidedByName ?? "Somebody"} decided this at ${at}: ${decision}`];
  return new AppError("conflict", code, message, { extra: { status, decision, decidedByName, decidedAt } });
}

async function lockApproval(tx: Tx, actor: Actor, id: string): Promise<Approval> {
  await tx.$executeRaw`SELECT 1 FROM "Approval" WHERE id = ${id} AND "workspaceId" = ${actor.workspaceId} FOR UPDATE`;
  const approval = await tx.approval.findFirst({ where: { id, workspaceId: actor.workspaceId } });
  if (!approval) throw missing("approval");
  return approval;
}

/**
 * Answers an approval. The first decision counts; later ones throw `conflict` (`approval.decided`) with who and when.
 * Where several must agree, an answer is a vote, which its giver may change while it is open. Throws `forbidden`
 * (`approval.starter`, `approval.not-named`, `auth.role`, `auth.scope`), `unprocessable` (`approval.option`,
 * `approval.form`).
 */
export async function respond(
  deps: Pick<Deps, "db" | "live" | "clock">,
  actor: Actor,
  { id, decision, values = {}, comment }: Respond & { id: string },
): Promise<ApprovalView> {
  await deps.db.$transaction(async (tx) => {
    const approval = await lockApproval(tx, actor, id);
    const refused = refusal(actor, approval);
    if (refused) throw refused;
    const at = deps.clock.now();
    const expired = approval.expiresAt !== null && approval.expiresAt <= at;
    if (approval.status !== "open") throw notOpen(approval);
    // The sweep that says so comes within a second.
    if (expired) throw notOpen({ ...approval, status: "expired", decidedAt: approval.expiresAt });
    const options = (approval.options as ApprovalOption[]).map(({ value }) => value); // written by requestApproval alone
    if (!options.includes(decision))
      throw new AppError("unprocessable", "approval.option", `The answer must be one of ${options.join(", ")}`, {
        fields: [{ path: "decision", message: `Must be one of ${options.join(", ")}` }],
      });
    const filled = formValues(approval.form as ApprovalField[], values);

    const vote = { option: decision, userName: actor.name, at };
    await tx.approvalVote.upsert({
      where: { approvalId_userId: { approvalId: id, userId: actor.userId } },
      update: vote,
      create: { approvalId: id, userId: actor.userId, ...vote },
    });
    const votes = await tx.approvalVote.count({ where: { approvalId: id, option: decision } });
    const decided = votes >= approval.required;
    if (decided)
      await tx.approval.update({
        where: { id },
        data: {
          status: "decided",
          decision,
          values: filled as Prisma.InputJsonObject, // checked against the form
          comment: comment?.trim() || null,
          decidedById: actor.userId,
          decidedByName: actor.name,
          decidedAt: at,
        },
      });
    await recordAudit(tx, {
      at,
      actor,
      action: decided ? "approval.decide" : "approval.vote",
      subject: id,
      ...(approval.runId ? { runId: approval.runId } : {}),
      detail: {
        title: approval.title,
        decision,
        kind: approval.kind,
        ...(approval.tool ? { tool: approval.tool, argsHash: approval.argsHash } : {}),
      },
    });
    await deps.live.publishIn(tx, workspaceTopic(actor.workspaceId), APPROVAL_HINT);
    if (!decided) return;
    await deps.live.publishIn(tx, approvalTopic(id));
    if (approval.runId) await resumeRun(tx, approval.runId);
  });
  return getApproval(deps, actor, { id });
}
