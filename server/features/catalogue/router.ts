import { can, router } from "../../edge/trpc/procedures.ts";
import { activeServers } from "./active-servers.ts";
import { addServer } from "./add-server.ts";
import { configureServer } from "./configure-server.ts";
import { findInCatalogue } from "./find-in-catalogue.ts";
import { removeServer } from "./remove-server.ts";
import { AddServer, ConfigureServer, FindServers, ServerRef } from "./schema.ts";

export const catalogueRouter = router({
  find: can("upstream.read")
    .input(FindServers.default({ query: "", limit: 100 }))
    .query(({ ctx, input }) => findInCatalogue(ctx.deps, ctx.actor, input)),
  active: can("upstream.read").query(({ ctx }) => activeServers(ctx.deps, ctx.actor)),
  add: can("upstream.activate")
    .input(AddServer)
    .mutation(({ ctx, input }) => addServer(ctx.deps, ctx.actor, input)),
  configure: can("upstream.activate")
    .input(ConfigureServer)
    .mutation(({ ctx, input }) => configureServer(ctx.deps, ctx.actor, input)),
  remove: can("upstream.activate")
    .input(ServerRef)
    .mutation(({ ctx, input }) => removeServer(ctx.deps, ctx.actor, input)),
});
