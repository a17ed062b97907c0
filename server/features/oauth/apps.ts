import type { Actor } from "../../kernel/actor.ts";
import { missing } from "../../kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { AppPayload } from "./consent.ts";
import { CREDENTIALS_TOPIC } from "./records.ts";
import type { AppRef, ConnectedApp } from "./schema.ts";

const MAX_APPS = 200;

/** The apps that the person connected and that can still come back, the last used first; of all workspaces. */
export async function listApps(
  { db, sql, clock }: Pick<Deps, "db" | "sql" | "clock">,
  actor: Actor,
): Promise<ConnectedApp[]> {
  // An app whose tokens have all expired is not connected any more, although its row still stands.
  const { rows } = await sql.query<{ id: string; payload: AppPayload; createdAt: Date; expiresAt: Date | null }>(
    `SELECT a."id", a."payload", a."createdAt", a."expiresAt" FROM "OAuthRecord" a
     WHERE a."model" = 'App' AND a."userId" = $1 AND a."expiresAt" > $2 AND EXISTS (
       SELECT FROM "OAuthRecord" t WHERE t."grantId" = a."id" AND t."consumedAt" IS NULL AND t."expiresAt" > $2
         AND t."model" IN ('RefreshToken', 'AccessToken', 'AuthorizationCode'))
     ORDER BY COALESCE(a."payload"->>'lastUsedAt', '') DESC, a."createdAt" DESC LIMIT $3`,
    [actor.userId, clock.now(), MAX_APPS],
  );
  const places = await db.membership.findMany({
    where: { userId: actor.userId, workspaceId: { in: rows.map(({ payload }) => payload.workspaceId) } },
    select: { workspace: { select: { id: true, name: true } } },
  });
  const workspaces = new Map(places.map(({ workspace }) => [workspace.id, workspace]));
  return rows.flatMap(({ id, payload, createdAt, expiresAt }) => {
    const { name, host, scopes, resource, lastUsedAt } = payload;
    const workspace = workspaces.get(payload.workspaceId);
    if (!workspace) return []; // the membership is gone, and the app's access with it
    const server = resource === "/mcp" ? null : resource.slice("/mcp/servers/".length);
    const used = lastUsedAt ? new Date(lastUsedAt) : null;
    return { id, name, host, workspace, server, scopes, connectedAt: createdAt, expiresAt, lastUsedAt: used };
  });
}

/** Ends what the app holds, at once. Throws `missing` for another person's app. */
export async function revokeApp(
  { db, clock, live }: Pick<Deps, "db" | "clock" | "live">,
  actor: Actor,
  { id }: AppRef,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const app = await tx.oAuthRecord.findFirst({ where: { model: "App", id, userId: actor.userId } });
    if (!app) throw missing("app");
    await tx.oAuthRecord.deleteMany({ where: { grantId: id } });
    await live.publishIn(tx, CREDENTIALS_TOPIC, id);
    const { name } = app.payload as unknown as AppPayload; // as `allow` wrote it
    await recordAudit(tx, { at: clock.now(), actor, action: "oauth.revoke", subject: id, detail: { name } });
  });
}
