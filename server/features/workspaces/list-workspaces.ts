import type { Actor } from "../../kernel/actor.ts";
import type { Deps } from "../deps.ts";
import type { Workspace } from "./schema.ts";

/** The workspaces that the actor can be in: all of the person's; of an API key the one that it belongs to. */
export async function listWorkspaces({ db }: Pick<Deps, "db">, actor: Actor): Promise<Workspace[]> {
  const rows = await db.membership.findMany({
    where: { userId: actor.userId, ...(actor.via === "api-key" ? { workspaceId: actor.workspaceId } : {}) },
    include: { workspace: true },
    orderBy: [{ workspace: { personal: "desc" } }, { workspace: { name: "asc" } }, { workspaceId: "asc" }],
    take: 500,
  });
  return rows.map(({ role, workspace: { id, name, personal, tier } }) => ({
    id,
    name,
    personal,
    tier: tier === "own_key" ? "own-key" : tier,
    role,
    current: id === actor.workspaceId,
  }));
}
