import { can, router } from "../../edge/trpc/procedures.ts";
import { listConnections } from "./list-connections.ts";
import { removeConnection } from "./remove-connection.ts";
import { ConnectionRef } from "./schema.ts";

export const connectionsRouter = router({
  list: can("account.read").query(({ ctx }) => listConnections(ctx.deps, ctx.actor)),
  remove: can("account.write")
    .input(ConnectionRef)
    .mutation(({ ctx, input }) => removeConnection(ctx.deps, ctx.actor, input)),
});
