import type { Prisma } from "#server/kernel/db.ts";
import { keepDoing } from "#server/kernel/keep-doing.ts";
import { liveMessage } from "#server/kernel/live.ts";
import type { Deps } from "../deps.ts";
import { resumeRun, workspaceTopic } from "../runs/index.ts";
import { APPROVAL_HINT, approvalTopic } from "./approval-topic.ts";
import { defaultValues } from "./form-values.ts";
import type { ApprovalField } from "./schema.ts";

const AT_ONCE = 100;

/**
 * Withdraws questions of runs that are over (the end of a run does so itself; what was asked at that very moment is
 * found here), and those of pods that are: what a flow in a pod waits for is in the pod's memory alone. A pod that is
 * about to end still waits.
 */
async function withdrawLeftovers({ sql }: Pick<Deps, "sql">): Promise<void> {
  const { rows } = await sql.query<{ id: string; workspaceId: string }>(
    `UPDATE "Approval" AS asked SET status = 'cancelled', "decidedAt" = now()
     WHERE asked.status = 'open' AND (
       EXISTS (SELECT FROM "Run" WHERE "Run".id = asked."runId" AND "Run"."endedAt" IS NOT NULL)
       OR asked."runId" IS NULL AND asked.kind = 'question' AND NOT EXISTS (
         SELECT FROM "Pod" WHERE "Pod"."workspaceId" = asked."workspaceId" AND "Pod"."userId" = asked."starterId"
           AND "Pod".state IN ('starting', 'claimed', 'draining')
           -- Its seat's since then: a warm one since it was claimed. Clocks of two processes may differ a little.
           AND coalesce(CASE WHEN "claimedAt" > "readyAt" THEN "claimedAt" END, "Pod"."createdAt")
             <= asked."createdAt" + interval '10 seconds'
       )
     )
     RETURNING asked.id, asked."workspaceId"`,
  );
  for (const { id, workspaceId } of rows)
    for (const message of [liveMessage(workspaceTopic(workspaceId), APPROVAL_HINT), liveMessage(approvalTopic(id))])
      await sql.query("SELECT pg_notify($1, $2)", message);
}

/**
 * Ends what nobody answered in time: its default is taken, or else whoever asked fails. Any number of workers may do so
 * at once; each approval is ended by one. Answers how many were.
 */
export async function expireApprovals(deps: Pick<Deps, "db" | "sql" | "live" | "clock">): Promise<number> {
  await withdrawLeftovers(deps);
  const { db, live, clock } = deps;
  const at = clock.now();
  const due = await db.approval.findMany({
    where: { status: "open", expiresAt: { lte: at } },
    select: { id: true },
    orderBy: { expiresAt: "asc" },
    take: AT_ONCE,
  });
  let ended = 0;
  for (const { id } of due)
    await db.$transaction(async (tx) => {
      // Before another worker, or before who answers: whoever updates first.
      const [approval] = await tx.approval.updateManyAndReturn({
        where: { id, status: "open", expiresAt: { lte: at } },
        data: { status: "expired", decidedAt: at },
      });
      if (!approval) return;
      if (approval.defaultOption !== null) {
        const values = defaultValues(approval.form as ApprovalField[]) as Prisma.InputJsonObject; // of a form that was parsed
        await tx.approval.update({ where: { id }, data: { decision: approval.defaultOption, values } });
      }
      await live.publishIn(tx, workspaceTopic(approval.workspaceId), APPROVAL_HINT);
      await live.publishIn(tx, approvalTopic(id));
      if (approval.runId) await resumeRun(tx, approval.runId);
      ended++;
    });
  return ended;
}

/** Takes a question about a call back that whoever asked for it no longer wants to make. */
export async function withdrawConsent(
  { db, live, clock }: Pick<Deps, "db" | "live" | "clock">,
  { id, workspaceId }: { id: string; workspaceId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.approval.updateMany({
      where: { id, workspaceId, kind: "tool", status: "open" },
      data: { status: "cancelled", decidedAt: clock.now() },
    });
    if (count === 0) return;
    await live.publishIn(tx, workspaceTopic(workspaceId), APPROVAL_HINT);
    await live.publishIn(tx, approvalTopic(id));
  });
}

/** Ends approvals each second until the returned function is called. */
export function keepExpiring(
  deps: Pick<Deps, "db" | "sql" | "live" | "clock" | "log">,
  everyMs = 1_000,
): () => Promise<void> {
  return keepDoing(() => expireApprovals(deps), "ending approvals that nobody answered failed", deps.log, everyMs).stop;
}
