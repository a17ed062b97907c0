import type { ActorRecord } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { countTry, tryFailed, trySucceeded } from "./lockout.ts";
import { verifyPassword } from "./password-hash.ts";
import type { Login, Session, SignedIn } from "./schema.ts";
import { openSession, type From } from "./sessions.ts";

export interface SignIn {
  sessionId: string;
  user: SignedIn["user"];
}

/**
 * Verifies the password and opens a session in the workspace where the person left off, else the personal one.
 * Takes as long, and locks as well, for addresses that have no account. Throws `auth.credentials` (401),
 * `auth.unverified` (403, `needsVerification`), `auth.locked` (423, `lockedUntil`), `auth.busy` (429).
 */
export async function signIn(
  deps: Pick<Deps, "db" | "sql" | "clock">,
  { email, password }: Login,
  from: From,
  kind: Session["kind"],
): Promise<SignIn> {
  const { db, clock } = deps;
  const at = clock.now();
  const audit = (outcome: "ok" | "refused", actor: ActorRecord | null, reason?: string) =>
    recordAudit(db, {
      at,
      actor,
      action: "auth.login",
      subject: email,
      outcome,
      detail: { ip: from.ip, userAgent: from.userAgent, kind, ...(reason ? { reason } : {}) },
    });

  try {
    await countTry(deps, email);
  } catch (error) {
    if (error instanceof AppError) await audit("refused", null, error.code);
    throw error;
  }
  const user = await db.user.findUnique({
    where: { email },
    include: { memberships: { include: { workspace: true }, orderBy: { createdAt: "asc" } } },
  });
  const home =
    user?.memberships.find(({ workspaceId }) => workspaceId === user.homeWorkspaceId) ??
    user?.memberships.find(({ workspace }) => workspace.personal) ??
    user?.memberships[0];
  const right = await verifyPassword(user?.passwordHash ?? null, password);
  if (!user || !home || !right) {
    await tryFailed(deps, email);
    await audit("refused", null, "auth.credentials");
    throw new AppError("unauthenticated", "auth.credentials", "The e-mail address or the password is wrong");
  }
  await trySucceeded(deps, email);

  const { workspaceId, role } = home;
  const actor: ActorRecord = {
    userId: user.id,
    name: user.name,
    workspaceId,
    role,
    via: kind === "browser" ? "session" : "token",
  };
  if (!user.emailVerifiedAt) {
    await audit("refused", actor, "auth.unverified");
    throw new AppError(
      "forbidden",
      "auth.unverified",
      "Open the link in the mail that was sent to this address first",
      {
        extra: { needsVerification: true },
      },
    );
  }
  const sessionId = await db.$transaction(async (tx) => {
    const id = await openSession(tx, { at, userId: user.id, workspaceId, kind, from });
    await recordAudit(tx, {
      at,
      actor,
      action: "auth.login",
      subject: email,
      detail: { ip: from.ip, userAgent: from.userAgent, kind, session: id },
    });
    return id;
  });
  const { id, name, owner } = user;
  const tier = home.workspace.tier === "own_key" ? "own-key" : home.workspace.tier;
  return { sessionId, user: { id, email, name, owner, workspaceId, role, tier } };
}
