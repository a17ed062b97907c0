import type { Actor } from "../../kernel/actor.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { allows, PERMISSIONS } from "../../kernel/permissions.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { countTry, tryFailed, trySucceeded } from "./lockout.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { refuseWeak } from "./register.ts";
import type { ChangePassword, Me, UpdateProfile } from "./schema.ts";
import { revokeOtherSessions } from "./sessions.ts";

/** Who the caller is, where, and what they may do there. */
export async function me({ db }: Pick<Deps, "db">, actor: Actor): Promise<Me> {
  const workspace = await db.workspace.findFirst({
    where: { id: actor.workspaceId, memberships: { some: { userId: actor.userId } } },
    select: { id: true, name: true, personal: true, tier: true },
  });
  if (!workspace) throw missing("workspace");
  const { userId: id, email, name, owner, role, via } = actor;
  return {
    user: { id, email, name, owner },
    workspace: { ...workspace, tier: workspace.tier === "own_key" ? "own-key" : workspace.tier },
    role,
    via,
    permissions: PERMISSIONS.filter((permission) => allows(actor, permission)),
  };
}

export async function updateProfile(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  { name }: UpdateProfile,
): Promise<{ name: string }> {
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: actor.userId }, data: { name } });
    await recordAudit(tx, { at: clock.now(), actor, action: "account.update", detail: { name } });
  });
  return { name };
}

/**
 * Sets a new password and ends all other sign-ins of the person. The current one is asked for under the same lock as
 * at sign-in. Throws `password.wrong`, `password.weak` (422), `auth.locked` (423), `auth.busy` (429).
 */
export async function changePassword(
  deps: Pick<Deps, "db" | "sql" | "clock">,
  actor: Actor,
  { currentPassword, newPassword }: ChangePassword,
): Promise<{ endedSessions: number }> {
  const { db, clock } = deps;
  refuseWeak(newPassword, actor, "newPassword");
  await countTry(deps, actor.email);
  const { passwordHash } = await db.user.findUniqueOrThrow({ where: { id: actor.userId } });
  if (!(await verifyPassword(passwordHash, currentPassword))) {
    await tryFailed(deps, actor.email);
    await recordAudit(db, { at: clock.now(), actor, action: "account.password", outcome: "refused" });
    const message = "This is not the current password";
    throw new AppError("unprocessable", "password.wrong", message, { fields: [{ path: "currentPassword", message }] });
  }
  await trySucceeded(deps, actor.email);
  const next = await hashPassword(newPassword);
  const at = clock.now();
  return db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: actor.userId }, data: { passwordHash: next } });
    const endedSessions = await revokeOtherSessions(tx, actor, at);
    await recordAudit(tx, { at, actor, action: "account.password", detail: { endedSessions } });
    return { endedSessions };
  });
}
