import { can, router } from "#server/edge/trpc/procedures.ts";
import { modelStatus } from "./model-status.ts";

export const modelsRouter = router({
  status: can("model.read").query(({ ctx }) => modelStatus(ctx.deps)),
});
