import { can, router } from "../../edge/trpc/procedures.ts";
import { listApps, revokeApp } from "./apps.ts";
import { AppRef } from "./schema.ts";

export const oauthRouter = router({
  listApps: can("account.read").query(({ ctx }) => listApps(ctx.deps, ctx.actor)),
  revokeApp: can("account.write")
    .input(AppRef)
    .mutation(({ ctx, input }) => revokeApp(ctx.deps, ctx.actor, input)),
});
