import type { Actor } from "../../kernel/actor.ts";
import type { UpstreamDefinition, UpstreamPolicy } from "../../mcp/definition.ts";
import { shownUrl } from "../../mcp/upstream/address.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { authoriseDefinition, ownersOnly } from "./allowed-definition.ts";
import { addressOf, asJson } from "./create-upstream.ts";
import { changeableUpstream } from "./find-upstream.ts";
import type { UpdateUpstream, UpstreamView } from "./schema.ts";

/**
 * Changes what is given of a registered server; its name stays, since flows and agents hold it. Where somebody else than
 * the platform's owner changes its address, or names another one that issues its tokens, the leave for private addresses
 * that the owner gave the old ones is gone.
 * Throws `missing`, `upstream.fixed`, `forbidden` for what only the owner may.
 */
export async function updateUpstream(
  deps: Pick<Deps, "db" | "live" | "clock" | "settings" | "tools">,
  actor: Actor,
  { id, title, url, enabled, transport, auth, policy, pinning }: UpdateUpstream,
): Promise<UpstreamView> {
  const { db, live, clock, tools } = deps;
  const { name } = await db.$transaction(async (tx) => {
    const row = await changeableUpstream(tx, deps, actor, { id });
    const was = {
      transport: row.transport as unknown as UpstreamDefinition["transport"], // written after our schemas
      policy: row.policy as UpstreamDefinition["policy"],
      auth: row.auth as unknown as UpstreamDefinition["auth"],
    };
    if (!actor.owner && was.transport.kind === "stdio" && (transport ?? auth ?? policy ?? url))
      throw ownersOnly("transport", "This server runs on the gateway's machine: only the platform's owner changes it");
    const moved = url !== undefined || transport !== undefined;
    const elsewhere = auth !== undefined && issuedAt(auth) !== undefined && issuedAt(auth) !== issuedAt(was.auth);
    const leave = leaveForPrivate(actor, was.policy, policy, moved || elsewhere);
    const { privateNetwork: _said, ...bounds } = policy ?? was.policy;
    const next = {
      transport: transport ?? was.transport,
      policy: { ...bounds, ...(leave !== undefined && { privateNetwork: leave }) },
    };
    if (transport) authoriseDefinition(actor, { transport, policy: {} });
    const address = moved ? addressOf(next.transport, url ?? row.url) : undefined;
    const changed = await tx.upstream.update({
      where: { id: row.id },
      data: {
        ...(title !== undefined && { title }),
        ...(address !== undefined && { url: address }),
        ...(enabled !== undefined && { enabled }),
        ...(transport && { transport: asJson(transport) }),
        ...(auth && { auth: asJson(auth) }),
        policy: asJson(next.policy),
        ...(pinning && { pinning }),
      },
    });
    const detail = {
      ...(title !== undefined && { title }),
      ...(address !== undefined && { url: shownUrl(address) }),
      ...(enabled !== undefined && { enabled }),
      ...(transport && { transport: transport.kind }),
      ...(auth && { auth: auth.kind }),
      ...(policy && { policy: JSON.stringify(next.policy) }),
      ...(pinning && { pinning }),
    };
    await recordAudit(tx, { at: clock.now(), actor, action: "upstream.update", subject: row.name, detail });
    await live.publishIn(tx, UPSTREAMS_TOPIC, row.name);
    return changed;
  });
  await tools.reload();
  return tools.check(name, actor.workspaceId);
}

const issuedAt = (auth: UpstreamDefinition["auth"]) => (auth.kind === "oauth-client" ? auth.tokenEndpoint : undefined);

/** Whether private addresses are admitted after the change; undefined: nothing is said. Throws `forbidden`. */
function leaveForPrivate(
  actor: Actor,
  was: UpstreamPolicy,
  said: UpstreamPolicy | undefined,
  moved: boolean,
): boolean | undefined {
  if (actor.owner) return said?.privateNetwork ?? was.privateNetwork;
  if (said?.privateNetwork === false) return false;
  if (said?.privateNetwork && !was.privateNetwork)
    throw ownersOnly("policy.privateNetwork", "Only the platform's owner may admit private addresses for a server");
  return moved ? undefined : was.privateNetwork;
}
