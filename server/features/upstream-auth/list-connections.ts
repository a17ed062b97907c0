import type { Actor } from "../../kernel/actor.ts";
import type { Deps } from "../deps.ts";
import { connectable } from "./find-definition.ts";
import type { ConnectionView } from "./schema.ts";

/** The upstreams that the person can connect an account of theirs to, with what they have connected. */
export async function listConnections(
  deps: Pick<Deps, "settings" | "db" | "live" | "log" | "credentials">,
  actor: Actor,
): Promise<ConnectionView[]> {
  const { workspaceId, userId } = actor;
  const [definitions, rows] = await Promise.all([
    connectable(deps, actor),
    deps.db.upstreamCredential.findMany({ where: { workspaceId, userId } }),
  ]);
  return Promise.all(
    definitions.map(async ({ id, name, title, url }): Promise<ConnectionView> => {
      const row = rows.find(({ upstreamId }) => upstreamId === id);
      const grant = row && (await deps.credentials.rows.grant({ upstreamId: id, workspaceId, userId }));
      return {
        upstream: name,
        title,
        connect: `/connections/${name}/start`,
        connected: grant?.url === url,
        wantsMore: Boolean(grant?.wanted),
        issuer: row?.issuer ?? null,
        scopes: row?.scopes ?? [],
        connectedAt: row?.createdAt ?? null,
        expiresAt: row?.expiresAt ?? null,
        renewable: Boolean(grant?.refreshToken),
      };
    }),
  );
}
