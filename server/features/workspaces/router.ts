import { can, router } from "../../edge/trpc/procedures.ts";
import { listMembers } from "./list-members.ts";
import { listWorkspaces } from "./list-workspaces.ts";
import { renameWorkspace } from "./rename-workspace.ts";
import { ListMembers, RenameWorkspace, WorkspaceRef } from "./schema.ts";
import { switchWorkspace } from "./switch-workspace.ts";

export const workspacesRouter = router({
  list: can("workspace.read").query(({ ctx }) => listWorkspaces(ctx.deps, ctx.actor)),
  switch: can("account.write")
    .input(WorkspaceRef)
    .mutation(({ ctx, input }) => switchWorkspace(ctx.deps, ctx.actor, input)),
  rename: can("workspace.write")
    .input(RenameWorkspace)
    .mutation(({ ctx, input }) => renameWorkspace(ctx.deps, ctx.actor, input)),
  members: can("workspace.read")
    .input(ListMembers)
    .query(({ ctx, input }) => listMembers(ctx.deps, ctx.actor, input)),
});
