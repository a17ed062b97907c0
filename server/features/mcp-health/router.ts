import { can, router } from "#server/edge/trpc/procedures.ts";
import { listServiceMetrics } from "./find-services.ts";

export const mcpHealthRouter = router({
  services: can("upstream.read").query(({ ctx }) => listServiceMetrics(ctx.deps, ctx.actor)),
});
