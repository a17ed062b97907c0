import { API_KEY, IDLE_MS, BROWSER_MAX_MS, readAccessToken } from "../features/accounts/index.ts";
import type { Deps } from "../features/deps.ts";
import { OAUTH_TOKEN, type ResourcePath } from "../features/oauth/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { sha256 } from "../kernel/crypto.ts";
import { AppError } from "../kernel/errors.ts";
import type { Permission, Role } from "../kernel/permissions.ts";
import { actorOfApp } from "./oauth-actor.ts";
import { readSessionCookie, refuseForeignOrigin } from "./session-cookie.ts";

type ActorDeps = Pick<Deps, "sql" | "clock" | "settings">;

const SEEN_EVERY_MS = 60_000;

const refused = (code: "auth.missing" | "auth.expired" | "auth.revoked" | "auth.invalid", message: string) =>
  new AppError("unauthenticated", code, message);

/**
 * Who makes this request: bearer access token, API key (`X-API-Key`, or as bearer), session cookie, in this order; the
 * first that is present decides. Sessions, keys, accounts and roles are asked of the database each time.
 * Throws 401 `auth.missing`, `auth.expired`, `auth.revoked`, `auth.invalid`; 403 `auth.origin` for a request that
 * carries the cookie, changes something and does not come from a page of ours.
 * `again`: an answer that lasts asks whether it may go on, which neither counts as use nor prolongs a session.
 * `resource`: the protected resource that is asked for, below /mcp; access tokens of connected apps (OAuth) are good
 * only there, and only where they were meant for.
 */
export async function actorForRequest(
  deps: ActorDeps,
  request: { headers: Headers; method: string },
  { again = false, resource }: { again?: boolean | undefined; resource?: ResourcePath | undefined } = {},
): Promise<Actor> {
  const { headers } = request;
  const authorization = headers.get("authorization");
  const bearer = authorization && /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1];
  if (authorization && !bearer) throw refused("auth.invalid", "Send the token as `Authorization: Bearer <token>`");
  if (bearer && OAUTH_TOKEN.test(bearer)) return actorOfApp(deps, bearer, { resource, again });
  if (bearer && !bearer.startsWith("osf_")) {
    const { userId, sessionId } = await readAccessToken(deps, bearer);
    return actorOfSession(deps, sessionId, userId, "token", again);
  }
  const key = bearer ?? headers.get("x-api-key");
  if (key) return actorOfKey(deps, key.trim(), again);

  const claims = await readSessionCookie(deps.settings, headers);
  if (!claims)
    throw refused(
      "auth.missing",
      "Sign in, or send an access token (Authorization: Bearer …) or an API key (X-API-Key)",
    );
  refuseForeignOrigin(deps.settings, request);
  return actorOfSession(deps, claims.sessionId, claims.userId, "browser", again);
}

/**
 * Who looks at a page: by the session cookie alone; null where nobody is signed in (any more). For server components,
 * and for WebSocket upgrades after `isSameOrigin`.
 */
export async function actorForSession(deps: ActorDeps, headers: Headers): Promise<Actor | null> {
  try {
    const claims = await readSessionCookie(deps.settings, headers);
    return claims && (await actorOfSession(deps, claims.sessionId, claims.userId, "browser"));
  } catch (error) {
    if (error instanceof AppError && error.kind === "unauthenticated") return null;
    throw error;
  }
}

interface Row {
  userId: string;
  name: string;
  email: string;
  owner: boolean;
  workspaceId: string | null;
  role: Role | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** Of a session: last seen; of a key: last used. */
  seenAt: Date | null;
}

// A browser whose workspace was left or closed goes on in the personal one; a program is told, so that it does not
// write into the wrong place.
const SESSION = `
  SELECT u."id" AS "userId", u."name", u."email", u."owner", m."workspaceId", m."role",
         s."expiresAt", s."revokedAt", s."lastSeenAt" AS "seenAt"
  FROM "AuthSession" s
  JOIN "User" u ON u."id" = s."userId"
  LEFT JOIN LATERAL (
    SELECT m."workspaceId", m."role"::text AS "role"
    FROM "Membership" m JOIN "Workspace" w ON w."id" = m."workspaceId"
    WHERE m."userId" = s."userId" AND (m."workspaceId" = s."workspaceId" OR (w."personal" AND s."kind" = 'browser'))
    ORDER BY m."workspaceId" = s."workspaceId" DESC, m."createdAt"
    LIMIT 1
  ) m ON true
  WHERE s."id" = $1 AND s."userId" = $2 AND s."kind" = $3`;

/** The session as it stands now. Throws `auth.revoked` or `auth.expired`. */
export async function actorOfSession(
  deps: Pick<Deps, "sql" | "clock">,
  sessionId: string,
  userId: string,
  kind: "browser" | "token",
  again = false,
): Promise<Actor> {
  const { rows } = await deps.sql.query<Row>({
    name: "actor-session",
    text: SESSION,
    values: [sessionId, userId, kind],
  });
  const [row] = rows;
  const now = deps.clock.now();
  // Rows of sessions disappear only with their account, or long after they ended.
  if (!row || row.revokedAt) throw refused("auth.revoked", "This sign-in was ended; sign in again");
  if (row.expiresAt && row.expiresAt <= now) throw refused("auth.expired", "The sign-in has expired; sign in again");
  if (!row.workspaceId || !row.role)
    throw refused("auth.revoked", "You are no longer a member of this workspace; sign in again");
  if (!again && isDue(row.seenAt, now)) await markSessionSeen(deps, sessionId, kind, now);
  const { name, email, owner, workspaceId, role } = row;
  const via = kind === "browser" ? "session" : "token";
  return { userId, name, email, workspaceId, role, owner, via, credentialId: sessionId, scopes: null };
}

const isDue = (seenAt: Date | null, now: Date) => !seenAt || now.getTime() - seenAt.getTime() >= SEEN_EVERY_MS;

async function markSessionSeen({ sql }: Pick<Deps, "sql">, id: string, kind: string, now: Date): Promise<void> {
  // The use of a browser's session prolongs it; that of a program is prolonged by refreshing.
  await sql.query(
    `UPDATE "AuthSession" SET "lastSeenAt" = $2,
       "expiresAt" = CASE WHEN $3 THEN LEAST($4::timestamptz, "createdAt" + $5 * interval '1 millisecond') ELSE "expiresAt" END
     WHERE "id" = $1 AND "lastSeenAt" <= $6`,
    [
      id,
      now,
      kind === "browser",
      new Date(now.getTime() + IDLE_MS),
      BROWSER_MAX_MS,
      new Date(now.getTime() - SEEN_EVERY_MS),
    ],
  );
}

// The pod alone says whose it is: its row names the seat.
const POD = `
  SELECT p."id", u."id" AS "userId", u."name", u."email", m."workspaceId", m."role"::text AS "role", p."userId" AS "seat"
  FROM "Pod" p
  LEFT JOIN "User" u ON u."id" = p."userId"
  LEFT JOIN "Membership" m ON m."userId" = p."userId" AND m."workspaceId" = p."workspaceId"
  WHERE p."tokenHash" = $1 AND p."state" IN ('starting', 'warm', 'claimed', 'draining')`;

/** What flows in a pod may do at most, whatever the role of the person: nothing of accounts, keys, administration. */
const POD_SCOPES: Permission[] = [
  "editor.use",
  "flow.read",
  "flow.write",
  "flow.run",
  "run.read",
  "run.control",
  "approval.read",
  "plant.read",
  "tool.read",
  "tool.write",
  "model.read",
  "model.use",
];

/**
 * The seat of a pod, by its token (`Authorization: Bearer osfp_…`, or `X-NR-Pod-Secret`). For the routes of pods only;
 * everywhere else such a token is unknown. Throws `auth.missing`, `auth.invalid`, `auth.revoked`; 403 `pod.unassigned`
 * for a pod that is nobody's yet.
 */
export async function actorForPod({ sql }: Pick<Deps, "sql">, { headers }: { headers: Headers }): Promise<Actor> {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "")?.[1];
  const token = bearer ?? headers.get("x-nr-pod-secret")?.trim();
  if (!token) throw refused("auth.missing", "This is for pods, with their token");
  if (!POD_TOKEN.test(token)) throw refused("auth.invalid", "The token is not one of a pod");
  const { rows } = await sql.query<Row & { id: string; seat: string | null }>({
    name: "actor-pod",
    text: POD,
    values: [sha256(token)],
  });
  const [row] = rows;
  if (!row) throw refused("auth.invalid", "The token is not one of a pod that runs");
  if (row.seat === null) throw new AppError("forbidden", "pod.unassigned", "This pod is nobody's yet");
  if (!row.workspaceId || !row.role)
    throw refused("auth.revoked", "The pod's owner is no longer a member of its workspace");
  const { id, userId, name, email, workspaceId, role } = row;
  // Ownership of the platform does not reach into pods.
  return { userId, name, email, workspaceId, role, owner: false, via: "pod", credentialId: id, scopes: POD_SCOPES };
}
const POD_TOKEN = /^osfp_[0-9a-f]{64}$/;

const KEY = `
  SELECT k."id", k."scopes", u."id" AS "userId", u."name", u."email", u."owner", m."workspaceId", m."role"::text AS "role",
         k."expiresAt", k."revokedAt", k."lastUsedAt" AS "seenAt"
  FROM "ApiKey" k
  JOIN "User" u ON u."id" = k."userId"
  LEFT JOIN "Membership" m ON m."userId" = k."userId" AND m."workspaceId" = k."workspaceId"
  WHERE k."hash" = $1`;

async function actorOfKey({ sql, clock }: Pick<Deps, "sql" | "clock">, key: string, again: boolean): Promise<Actor> {
  const unknown = () => refused("auth.invalid", "The API key is not one of this gateway");
  if (!API_KEY.test(key)) throw unknown();
  const { rows } = await sql.query<Row & { id: string; scopes: string[] }>({
    name: "actor-key",
    text: KEY,
    values: [sha256(key)],
  });
  const [row] = rows;
  const now = clock.now();
  if (!row) throw unknown();
  if (row.revokedAt) throw refused("auth.revoked", "This API key was revoked");
  if (row.expiresAt && row.expiresAt <= now) throw refused("auth.expired", "This API key has expired");
  if (!row.workspaceId || !row.role)
    throw refused("auth.revoked", "The key's owner is no longer a member of its workspace");
  if (!again && isDue(row.seenAt, now))
    await sql.query(
      `UPDATE "ApiKey" SET "lastUsedAt" = $2 WHERE "id" = $1 AND ("lastUsedAt" IS NULL OR "lastUsedAt" <= $3)`,
      [row.id, now, new Date(now.getTime() - SEEN_EVERY_MS)],
    );
  const { id, userId, name, email, owner, workspaceId, role, scopes } = row;
  return {
    userId,
    name,
    email,
    workspaceId,
    role,
    owner,
    via: "api-key",
    credentialId: id,
    scopes: scopes.length > 0 ? scopes : null,
  };
}
