import type { Actor } from "#server/kernel/actor.ts";
import type { Tx } from "#server/kernel/db.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { getReview, reviewableServer, type ReviewedServer } from "./find-reviews.ts";
import { announceReview } from "./review-topic.ts";
import type { ApproveAll, ApprovedAll, Decide, ReviewView } from "./schema.ts";

type ReviewDeps = Pick<Deps, "db" | "tools" | "live" | "clock">;

/** What waits becomes what is in force, if it still is what was looked at. Answers whether it was. */
async function approveOne(tx: Tx, server: ReviewedServer, actor: Actor, { tool, hash }: Omit<Decide, "id">, at: Date) {
  return (
    (await tx.$executeRaw`
      UPDATE "ToolPin" SET state = 'approved', hash = "proposedHash", definition = proposed, "proposedHash" = NULL,
        proposed = NULL, "reviewedById" = ${actor.userId}, "reviewedAt" = ${at}, "changedAt" = ${at}
      WHERE "upstreamId" = ${server.id} AND tool = ${tool} AND "proposedHash" = ${hash}
        AND state IN ('quarantined', 'rejected')`) === 1
  );
}

/** Also what is in force can be rejected; it is then what waits, so that it can be approved again. */
async function rejectOne(tx: Tx, server: ReviewedServer, actor: Actor, { tool, hash }: Omit<Decide, "id">, at: Date) {
  const rejected = await tx.$executeRaw`
    UPDATE "ToolPin" SET state = 'rejected',
      "proposedHash" = coalesce("proposedHash", hash), proposed = coalesce(proposed, definition),
      hash = CASE WHEN "proposedHash" IS NULL THEN NULL ELSE hash END,
      definition = CASE WHEN "proposedHash" IS NULL THEN NULL ELSE definition END,
      "reviewedById" = ${actor.userId}, "reviewedAt" = ${at}, "changedAt" = ${at}
    WHERE "upstreamId" = ${server.id} AND tool = ${tool} AND coalesce("proposedHash", hash) = ${hash}
      AND state IN ('quarantined', 'approved')`;
  return rejected === 1;
}

async function changedSince(tx: Tx, { id: upstreamId }: ReviewedServer, tool: string): Promise<AppError> {
  const pin = await tx.toolPin.findUnique({ where: { upstreamId_tool: { upstreamId, tool } } });
  if (!pin) return missing("tool");
  return new AppError(
    "conflict",
    "review.changed",
    "This tool has changed since you looked at it, or somebody else has decided. Look at it again",
    { extra: { state: pin.state, hash: pin.proposedHash ?? pin.hash } },
  );
}

const decision =
  (action: "tool.approve" | "tool.reject", decideOne: typeof approveOne) =>
  async (deps: ReviewDeps, actor: Actor, { id, ...seen }: Decide): Promise<ReviewView> => {
    const server = await reviewableServer(deps, actor, id);
    await deps.db.$transaction(async (tx) => {
      const at = deps.clock.now();
      if (!(await decideOne(tx, server, actor, seen, at))) throw await changedSince(tx, server, seen.tool);
      const subject = `${server.name}.${seen.tool}`;
      await recordAudit(tx, { at, actor, action, subject, detail: { hash: seen.hash } });
      await announceReview(deps, tx, server);
    });
    return getReview(deps, actor, { id, tool: seen.tool });
  };

/**
 * Lets a tool be used as it is now. Throws `missing`, `forbidden` (`review.owner`), `conflict` (`review.changed`) where
 * it is no longer what was looked at.
 */
export const approveTool = decision("tool.approve", approveOne);
/** Keeps a tool out of use until it changes. Throws the same. */
export const rejectTool = decision("tool.reject", rejectOne);

/** Approves several tools of a server; those that have changed since are left as they are, and named. */
export async function approveAll(deps: ReviewDeps, actor: Actor, { id, tools }: ApproveAll): Promise<ApprovedAll> {
  const server = await reviewableServer(deps, actor, id);
  return deps.db.$transaction(async (tx) => {
    const at = deps.clock.now();
    const result: ApprovedAll = { approved: [], changed: [] };
    // in order of their names, so that two who do so at once do not wait for each other
    for (const seen of tools.toSorted((a, b) => (a.tool < b.tool ? -1 : 1))) {
      const approved = await approveOne(tx, server, actor, seen, at);
      result[approved ? "approved" : "changed"].push(seen.tool);
      if (!approved) continue;
      const subject = `${server.name}.${seen.tool}`;
      await recordAudit(tx, { at, actor, action: "tool.approve", subject, detail: { hash: seen.hash } });
    }
    if (result.approved.length > 0) await announceReview(deps, tx, server);
    return result;
  });
}
