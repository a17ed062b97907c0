import { can, router } from "../../edge/trpc/procedures.ts";
import { callTool, listTools } from "./call-tool.ts";
import { createUpstream } from "./create-upstream.ts";
import { checkUpstream, listUpstreams } from "./find-upstream.ts";
import { removeUpstream } from "./remove-upstream.ts";
import { CallTool, CreateUpstream, ListTools, UpdateUpstream, UpstreamRef } from "./schema.ts";
import { updateUpstream } from "./update-upstream.ts";
import { upstreamDetails } from "./upstream-details.ts";
import { upstreamOffer } from "./upstream-offer.ts";
import { upstreamLogs } from "./upstream-logs.ts";

export const upstreamsRouter = router({
  list: can("upstream.read").query(({ ctx }) => listUpstreams(ctx.deps, ctx.actor)),
  check: can("upstream.read")
    .input(UpstreamRef)
    .mutation(({ ctx, input }) => checkUpstream(ctx.deps, ctx.actor, input)),
  details: can("upstream.read")
    .input(UpstreamRef)
    .query(({ ctx, input }) => upstreamDetails(ctx.deps, ctx.actor, input)),
  offer: can("tool.read")
    .input(UpstreamRef)
    .query(({ ctx, input }) => upstreamOffer(ctx.deps, ctx.actor, input)),
  logs: can("upstream.write")
    .input(UpstreamRef)
    .query(({ ctx, input }) => upstreamLogs(ctx.deps, ctx.actor, input)),
  create: can("upstream.write")
    .input(CreateUpstream)
    .mutation(({ ctx, input }) => createUpstream(ctx.deps, ctx.actor, input)),
  update: can("upstream.write")
    .input(UpdateUpstream)
    .mutation(({ ctx, input }) => updateUpstream(ctx.deps, ctx.actor, input)),
  remove: can("upstream.write")
    .input(UpstreamRef)
    .mutation(({ ctx, input }) => removeUpstream(ctx.deps, ctx.actor, input)),
  tools: can("tool.read")
    .input(ListTools.default({}))
    .query(({ ctx, input }) => listTools(ctx.deps, ctx.actor, input)),
  tryTool: can("plant.read")
    .input(CallTool)
    .mutation(({ ctx, input, signal }) =>
      callTool(ctx.deps, ctx.actor, input, {
        through: { kind: "page" },
        requestId: ctx.requestId,
        ...(signal && { signal }),
      }),
    ),
});
