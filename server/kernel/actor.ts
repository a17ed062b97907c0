import { AppError } from "./errors.ts";
import { allows, requirementOf, type Permission, type Role } from "./permissions.ts";

/** Who acts: a person in a workspace with a role, and through what. Made by `actorForRequest` only. */
export interface Actor {
  userId: string;
  name: string;
  email: string;
  workspaceId: string;
  role: Role;
  owner: boolean;
  via: "session" | "token" | "api-key" | "pod" | "oauth";
  /** The sign-in, the API key, the pod or the connected app (OAuth): what is revoked to end this access. */
  credentialId: string;
  /** Permissions that the credential is limited to; null: all that the role holds. */
  scopes: string[] | null;
}

/** The actor as rows and events keep it: who it was, never what it held. */
export type ActorRecord = Pick<Actor, "userId" | "name" | "workspaceId" | "role" | "via">;
export const recordOf = ({ userId, name, workspaceId, role, via }: Actor): ActorRecord => ({
  userId,
  name,
  workspaceId,
  role,
  via,
});

/** Throws `forbidden` unless the actor holds the permission. */
export function authorise(actor: Actor, permission: Permission): void {
  if (allows(actor, permission)) return;
  if (actor.scopes && !actor.scopes.includes(permission))
    throw new AppError(
      "forbidden",
      "auth.scope",
      `This ${actor.via === "oauth" ? "app" : "API key"} does not have the scope ${permission}`,
    );
  const { atLeast } = requirementOf(permission);
  throw new AppError("forbidden", "auth.role", `This needs the role ${atLeast}; yours is ${actor.role}`);
}

/** How soon an answer that lasts ends after a sign-out, a revocation or a lost role. */
export const ASK_AGAIN_MS = 15_000;

/**
 * Whether who was let in would be let in now, into the same workspace. `look` finds the actor anew; when it cannot,
 * because the database is away, what was decided holds.
 */
export async function isStill(was: Actor, permission: Permission | null, look: () => Promise<Actor>): Promise<boolean> {
  try {
    const now = await look();
    if (permission) authorise(now, permission);
    return now.userId === was.userId && now.workspaceId === was.workspaceId;
  } catch (error) {
    return !(error instanceof AppError && (error.kind === "unauthenticated" || error.kind === "forbidden"));
  }
}
