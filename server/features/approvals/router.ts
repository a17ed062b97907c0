import { can, router } from "#server/edge/trpc/procedures.ts";
import { countApprovals, getApproval, listApprovals } from "./find-approvals.ts";
import { respond } from "./respond.ts";
import { ApprovalRef, ListApprovals, Respond } from "./schema.ts";

export const approvalsRouter = router({
  list: can("approval.read")
    .input(ListApprovals)
    .query(({ ctx, input }) => listApprovals(ctx.deps, ctx.actor, input)),
  count: can("approval.read").query(({ ctx }) => countApprovals(ctx.deps, ctx.actor)),
  byId: can("approval.read")
    .input(ApprovalRef)
    .query(({ ctx, input }) => getApproval(ctx.deps, ctx.actor, input)),
  /** Whoever a flow names may answer, whatever their role: `respond` has the rule. */
  respond: can("approval.read")
    .input(Respond.extend(ApprovalRef.shape))
    .mutation(({ ctx, input }) => respond(ctx.deps, ctx.actor, input)),
});
