import type { Deps } from "../features/deps.ts";
import { covers, OAUTH_TOKEN, resourceOfUrl, type ResourcePath } from "../features/oauth/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { sha256 } from "../kernel/crypto.ts";
import { AppError } from "../kernel/errors.ts";
import type { Role } from "../kernel/permissions.ts";

const SEEN_EVERY_MS = 60_000;

const refused = (code: "auth.expired" | "auth.revoked" | "auth.invalid", message: string) =>
  new AppError("unauthenticated", code, message);

interface Row {
  grantId: string;
  audience: string | null;
  scope: string | null;
  expiresAt: Date;
  connected: boolean;
  connectedUntil: Date | null;
  seenAt: string | null;
  userId: string;
  name: string;
  email: string;
  owner: boolean;
  workspaceId: string | null;
  role: Role | null;
}

// The app's row is what the person can revoke; without it the token is nothing.
const ACCESS = `
  SELECT t."grantId", t."payload"->>'aud' AS "audience", t."payload"->>'scope' AS "scope", t."expiresAt",
         a."id" IS NOT NULL AS "connected", a."expiresAt" AS "connectedUntil", a."payload"->>'lastUsedAt' AS "seenAt",
         u."id" AS "userId", u."name", u."email", u."owner", m."workspaceId", m."role"::text AS "role"
  FROM "OAuthRecord" t
  JOIN "User" u ON u."id" = t."userId"
  LEFT JOIN "OAuthRecord" a ON a."model" = 'App' AND a."id" = t."grantId" AND a."userId" = t."userId"
  LEFT JOIN "Membership" m ON m."userId" = t."userId" AND m."workspaceId" = a."payload"->>'workspaceId'
  WHERE t."model" = 'AccessToken' AND t."id" = $1`;

/**
 * Whose app sends this access token, in the workspace that was chosen for it, with the role as it stands now and no more
 * than the scopes it was given. `resource`: where the token is used; it must have been asked for that, and tokens of
 * apps are good nowhere else. Throws 401 `auth.invalid`, `auth.expired`, `auth.revoked`.
 */
export async function actorOfApp(
  { sql, clock, settings }: Pick<Deps, "sql" | "clock" | "settings">,
  token: string,
  { resource, again }: { resource: ResourcePath | undefined; again: boolean },
): Promise<Actor> {
  if (!OAUTH_TOKEN.test(token)) throw refused("auth.invalid", "The access token is not one of this gateway");
  const { rows } = await sql.query<Row>({ name: "actor-app", text: ACCESS, values: [sha256(token)] });
  const [row] = rows;
  const now = clock.now();
  if (!row) throw refused("auth.invalid", "The access token is not one of this gateway, or was ended");
  if (row.expiresAt <= now) throw refused("auth.expired", "The access token has expired");
  if (!row.connected || (row.connectedUntil && row.connectedUntil <= now))
    throw refused("auth.revoked", "This app is no longer connected; connect it again");
  if (!row.workspaceId || !row.role)
    throw refused("auth.revoked", "Whoever connected this app is no longer a member of its workspace");
  const granted = row.audience && resourceOfUrl(settings, row.audience);
  if (!granted || !resource || !covers(granted, resource))
    throw refused("auth.invalid", `This access token is for ${granted || "another service"}, and for nothing else`);
  if (!again && isDue(row.seenAt, now)) await markAppSeen(sql, row.grantId, now);
  const { userId, name, email, workspaceId, role, grantId, scope } = row;
  // Ownership of the platform does not reach into apps.
  const scopes = scope ? scope.split(" ") : [];
  return { userId, name, email, workspaceId, role, owner: false, via: "oauth", credentialId: grantId, scopes };
}

const isDue = (seenAt: string | null, now: Date) => !seenAt || now.getTime() - Date.parse(seenAt) >= SEEN_EVERY_MS;

async function markAppSeen(sql: Deps["sql"], id: string, now: Date): Promise<void> {
  await sql.query(
    `UPDATE "OAuthRecord" SET "payload" = "payload" || jsonb_build_object('lastUsedAt', $2::text)
     WHERE "model" = 'App' AND "id" = $1`,
    [id, now.toISOString()],
  );
}
