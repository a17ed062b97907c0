import type { Actor } from "../../kernel/actor.ts";
import { missing } from "../../kernel/errors.ts";
import { revokeGrant } from "../../mcp/credentials/revoke.ts";
import type { Deps } from "../deps.ts";
import { recordAudit } from "../audit/index.ts";
import { connectable } from "./find-definition.ts";
import type { ConnectionRef } from "./schema.ts";

/**
 * Ends a connection: the tokens are gone here at once, and the issuer is asked to end them where it can. Throws `missing`
 * (`connection.missing`).
 */
export async function removeConnection(
  deps: Pick<Deps, "settings" | "db" | "live" | "log" | "clock" | "credentials" | "vault">,
  actor: Actor,
  { upstream }: ConnectionRef,
): Promise<void> {
  const { credentials, clock, log } = deps;
  const definition = (await connectable(deps, actor)).find(({ name }) => name === upstream);
  if (!definition) throw missing("connection");
  const { workspaceId, userId } = actor;
  const key = { upstreamId: definition.id, workspaceId, userId };
  const grant = await credentials.rows.grant(key);
  if (!grant) throw missing("connection");
  await credentials.rows.change(key, async (_, tx) => {
    await recordAudit(tx, {
      at: clock.now(),
      actor,
      action: "connection.remove",
      subject: upstream,
      detail: { issuer: grant.issuer },
    });
    return null;
  });
  await revokeGrant({ ...credentials, vault: deps.vault }, definition, grant, userId).catch((err: unknown) =>
    log.info({ err, upstream }, "the issuer could not be told that a connection has ended"),
  );
}
