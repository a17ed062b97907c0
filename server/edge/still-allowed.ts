import { authorise, type Actor } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Permission } from "../kernel/permissions.ts";

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
