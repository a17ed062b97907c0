import { can, router } from "#server/edge/trpc/procedures.ts";
import { changeRules } from "./change-rules.ts";
import { approveAll, approveTool, rejectTool } from "./decide-review.ts";
import { countReviews, getReview, listReviews } from "./find-reviews.ts";
import { ApproveAll, ChangeRules, Decide, ListReview, ReviewRef } from "./schema.ts";

export const toolReviewRouter = router({
  list: can("tool.review")
    .input(ListReview.default({}))
    .query(({ ctx, input }) => listReviews(ctx.deps, ctx.actor, input)),
  count: can("tool.review").query(({ ctx }) => countReviews(ctx.deps, ctx.actor)),
  get: can("tool.review")
    .input(ReviewRef)
    .query(({ ctx, input }) => getReview(ctx.deps, ctx.actor, input)),
  approve: can("tool.review")
    .input(Decide)
    .mutation(({ ctx, input }) => approveTool(ctx.deps, ctx.actor, input)),
  reject: can("tool.review")
    .input(Decide)
    .mutation(({ ctx, input }) => rejectTool(ctx.deps, ctx.actor, input)),
  approveAll: can("tool.review")
    .input(ApproveAll)
    .mutation(({ ctx, input }) => approveAll(ctx.deps, ctx.actor, input)),
  setRules: can("tool.review")
    .input(ChangeRules)
    .mutation(({ ctx, input }) => changeRules(ctx.deps, ctx.actor, input)),
});
