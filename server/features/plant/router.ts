import { can, router } from "../../edge/trpc/procedures.ts";
import { plantState } from "./plant-state.ts";

export const plantRouter = router({
  state: can("plant.read").query(({ ctx }) => plantState(ctx.deps, ctx.actor)),
});
