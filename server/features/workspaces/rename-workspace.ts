import { authorise, type Actor } from "../../kernel/actor.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { RenameWorkspace } from "./schema.ts";

/** Renames the workspace that the actor is in. Throws `auth.role` (403) unless the actor is its admin. */
export async function renameWorkspace(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  { name }: RenameWorkspace,
): Promise<{ id: string; name: string }> {
  authorise(actor, "workspace.write");
  const id = actor.workspaceId;
  await db.$transaction(async (tx) => {
    await tx.workspace.update({ where: { id }, data: { name } });
    await recordAudit(tx, { at: clock.now(), actor, action: "workspace.rename", subject: id, detail: { name } });
  });
  return { id, name };
}
