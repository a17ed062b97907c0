import { errors, jwtVerify, SignJWT } from "jose";
import { randomToken, sha256 } from "../../kernel/crypto.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Tx } from "../../kernel/db.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { SignedIn } from "./schema.ts";
import { IDLE_MS } from "./sessions.ts";
import type { SignIn } from "./sign-in.ts";

export const ACCESS_SECONDS = 15 * 60;
const ISSUER = "osf-gateway";

type TokenDeps = Pick<Deps, "db" | "clock" | "settings">;

const secretOf = (settings: Pick<Deps["settings"], "jwtSecret">) => new TextEncoder().encode(settings.jwtSecret);

export interface AccessClaims {
  userId: string;
  sessionId: string;
}

/** HS256: `sub` the user, `sid` the session, `workspaceId` for the reader; the session's row decides what holds. */
function accessToken({ settings }: Pick<Deps, "settings">, at: Date, claims: AccessClaims & { workspaceId: string }) {
  const seconds = Math.floor(at.getTime() / 1_000);
  return new SignJWT({ sid: claims.sessionId, workspaceId: claims.workspaceId })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt" })
    .setIssuer(ISSUER)
    .setSubject(claims.userId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ACCESS_SECONDS)
    .sign(secretOf(settings));
}

/** Throws `auth.expired` or `auth.invalid` (401). Whether the session still holds is the caller's to ask. */
export async function readAccessToken(
  { clock, settings }: Pick<Deps, "clock" | "settings">,
  token: string,
): Promise<AccessClaims> {
  try {
    const { payload } = await jwtVerify<{ sid?: unknown }>(token, secretOf(settings), {
      algorithms: ["HS256"],
      typ: "at+jwt",
      issuer: ISSUER,
      requiredClaims: ["sub", "sid", "exp"],
      currentDate: clock.now(),
    });
    return { userId: String(payload.sub), sessionId: String(payload.sid) };
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new AppError(
        "unauthenticated",
        "auth.expired",
        "The access token has expired; get another at /auth/refresh",
        {
          cause: error,
        },
      );
    if (error instanceof errors.JOSEError)
      throw new AppError("unauthenticated", "auth.invalid", "The access token is not one of this gateway", {
        cause: error,
      });
    throw error;
  }
}

async function addRefreshToken(tx: Tx, sessionId: string, at: Date): Promise<string> {
  const refreshToken = `osfr_${randomToken(32)}`;
  const expiresAt = new Date(at.getTime() + IDLE_MS);
  await tx.refreshToken.create({ data: { hash: sha256(refreshToken), sessionId, expiresAt } });
  return refreshToken;
}

/** The first pair of tokens of a sign-in of kind `token`. */
export async function issueTokens(deps: TokenDeps, { sessionId, user }: SignIn): Promise<SignedIn> {
  const at = deps.clock.now();
  const refreshToken = await deps.db.$transaction((tx) => addRefreshToken(tx, sessionId, at));
  const token = await accessToken(deps, at, { userId: user.id, sessionId, workspaceId: user.workspaceId });
  return { token, refreshToken, user };
}

/**
 * Exchanges a refresh token for the next pair. Each works once: a second use means that two hold it, and ends the
 * whole sign-in. Throws `auth.invalid`, `auth.expired`, `auth.revoked` (401).
 */
export async function refresh(deps: TokenDeps, refreshToken: string, from: { ip: string }): Promise<SignedIn> {
  const { db, clock } = deps;
  const at = clock.now();
  const hash = sha256(refreshToken);
  const next = await db.$transaction(async (tx) => {
    // The guarded update lets one of several requests through; the others find the token used.
    const claimed = await tx.refreshToken.updateMany({ where: { hash, usedAt: null }, data: { usedAt: at } });
    if (claimed.count === 0) return null;
    return rotate(tx, hash, at);
  });
  if (!next) throw await refuseUsed(deps, hash, at, from);
  const token = await accessToken(deps, at, {
    userId: next.user.id,
    sessionId: next.sessionId,
    workspaceId: next.user.workspaceId,
  });
  return { token, refreshToken: next.refreshToken, user: next.user };
}

async function rotate(tx: Tx, hash: string, at: Date) {
  const { session, expiresAt } = await tx.refreshToken.findUniqueOrThrow({
    where: { hash },
    include: { session: { include: { user: { include: { memberships: { include: { workspace: true } } } } } } },
  });
  const place = session.user.memberships.find(({ workspaceId }) => workspaceId === session.workspaceId);
  if (session.revokedAt || !place) throw ended();
  if (expiresAt <= at || session.expiresAt <= at)
    throw new AppError("unauthenticated", "auth.expired", "The refresh token has expired; sign in again");
  await tx.refreshToken.deleteMany({ where: { sessionId: session.id, expiresAt: { lt: at } } });
  await tx.authSession.update({
    where: { id: session.id },
    data: { expiresAt: new Date(at.getTime() + IDLE_MS), lastSeenAt: at },
  });
  const { id, email, name, owner } = session.user;
  const tier: SignedIn["user"]["tier"] = place.workspace.tier === "own_key" ? "own-key" : place.workspace.tier;
  return {
    sessionId: session.id,
    refreshToken: await addRefreshToken(tx, session.id, at),
    user: { id, email, name, owner, workspaceId: place.workspaceId, role: place.role, tier },
  };
}

const ended = () => new AppError("unauthenticated", "auth.revoked", "This sign-in was ended; sign in again");

async function refuseUsed({ db }: Pick<Deps, "db">, hash: string, at: Date, from: { ip: string }): Promise<AppError> {
  const used = await db.refreshToken.findUnique({
    where: { hash },
    include: { session: { include: { user: true } } },
  });
  if (!used) return new AppError("unauthenticated", "auth.invalid", "The refresh token is not one of this gateway");
  const { session } = used;
  await db.$transaction(async (tx) => {
    const { count } = await tx.authSession.updateMany({
      where: { id: session.id, revokedAt: null },
      data: { revokedAt: at },
    });
    if (count === 0) return;
    await recordAudit(tx, {
      at,
      actor: null,
      action: "auth.refresh-reuse",
      subject: session.user.email,
      outcome: "refused",
      detail: { ip: from.ip, session: session.id },
    });
  });
  return new AppError(
    "unauthenticated",
    "auth.revoked",
    "This refresh token was used before, so the whole sign-in was ended; sign in again",
  );
}
