import type { Actor } from "../../kernel/actor.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { WorkspaceRef } from "./schema.ts";

/**
 * Moves the sign-in in use to another workspace of the person; the next sign-in starts there too. Throws `missing`
 * for a workspace that the person is not in, `workspace.bound` (403) for an API key.
 */
export async function switchWorkspace(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  { id }: WorkspaceRef,
): Promise<{ workspaceId: string }> {
  if (actor.via === "api-key")
    throw new AppError("forbidden", "workspace.bound", "An API key belongs to one workspace; create one in the other");
  await db.$transaction(async (tx) => {
    const place = await tx.membership.findUnique({
      where: { workspaceId_userId: { workspaceId: id, userId: actor.userId } },
    });
    if (!place) throw missing("workspace");
    await tx.authSession.updateMany({
      where: { id: actor.credentialId, userId: actor.userId },
      data: { workspaceId: id },
    });
    await tx.user.update({ where: { id: actor.userId }, data: { homeWorkspaceId: id } });
    await recordAudit(tx, { at: clock.now(), actor, action: "workspace.switch", subject: id });
  });
  return { workspaceId: id };
}
