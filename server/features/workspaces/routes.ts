import { z } from "zod";
import { pageOf, route } from "../../edge/rest/route.ts";
import { listMembers } from "./list-members.ts";
import { listWorkspaces } from "./list-workspaces.ts";
import { renameWorkspace } from "./rename-workspace.ts";
import { ListMembers, Member, RenameWorkspace, Workspace, WorkspaceRef } from "./schema.ts";
import { switchWorkspace } from "./switch-workspace.ts";

const tag = "Workspaces";

export const workspaceRoutes = [
  route({
    method: "GET",
    path: "/api/workspaces",
    permission: "workspace.read",
    tag,
    summary: "Workspaces that the caller can be in",
    response: z.object({ items: z.array(Workspace), nextCursor: z.null() }),
    handle: async ({ deps, actor }) => ({ items: await listWorkspaces(deps, actor), nextCursor: null }),
  }),
  route({
    method: "POST",
    path: "/api/workspaces/{id}/switch",
    permission: "account.write",
    tag,
    summary: "Move the sign-in in use to another workspace",
    params: WorkspaceRef,
    response: z.object({ workspaceId: z.string() }),
    handle: ({ deps, actor, params }) => switchWorkspace(deps, actor, params),
  }),
  route({
    method: "PATCH",
    path: "/api/workspaces/current",
    permission: "workspace.write",
    tag,
    summary: "Rename the workspace that the caller is in",
    description: "Needs the role admin there.",
    body: RenameWorkspace,
    response: z.object({ id: z.string(), name: z.string() }),
    handle: ({ deps, actor, body }) => renameWorkspace(deps, actor, body),
  }),
  route({
    method: "GET",
    path: "/api/workspaces/current/members",
    permission: "workspace.read",
    tag,
    summary: "People of the workspace that the caller is in",
    query: ListMembers,
    response: pageOf(Member),
    handle: ({ deps, actor, query }) => listMembers(deps, actor, query),
  }),
];
