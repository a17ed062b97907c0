import { allows, requirementOf, type Permission } from "../../../kernel/permissions.ts";
import type { Actor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Tool } from "../../gateway.ts";

/**
 * Throws `forbidden`: `auth.scope` where the credential was not given it (the endpoint answers 403 with a challenge that
 * names the scope), `auth.role` where the role lacks it.
 */
export function demand(actor: Actor, permission: Permission): void {
  if (allows(actor, permission)) return;
  if (allows({ ...actor, scopes: null }, permission))
    throw new AppError("forbidden", "auth.scope", `This needs the scope ${permission}`, {
      extra: { scope: permission },
    });
  const { atLeast } = requirementOf(permission);
  throw new AppError("forbidden", "auth.role", `This needs the role ${atLeast}; yours is ${actor.role}`);
}

/** What a tool's call needs, by what it may do. */
export const permissionFor = (toolClass: Tool["class"] | undefined): Permission =>
  toolClass === "read" ? "plant.read" : "tool.write";

/**
 * Whether a list shows what needs the permission. A client that signed in by OAuth also sees what its scopes do not
 * cover but the person's role does: the challenge at the first call is how it asks for more.
 */
export const isShown = (actor: Actor, permission: Permission): boolean =>
  allows(actor.via === "oauth" ? { ...actor, scopes: null } : actor, permission);
