import type { Actor } from "../../kernel/actor.ts";
import type { Tx } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Settings } from "../../kernel/settings.ts";
import type { UpstreamPolicy, UpstreamTransport } from "../../mcp/definition.ts";

/**
 * What only the platform's owner may register: processes on the gateway's own machine, and upstreams on private
 * addresses (others get there by `OSF_ALLOW_PRIVATE_HOSTS` alone). Throws `forbidden` with the field.
 */
export function authoriseDefinition(
  actor: Actor,
  { transport, policy }: { transport: UpstreamTransport; policy: UpstreamPolicy },
): void {
  if (actor.owner) return;
  if (transport.kind === "stdio")
    throw ownersOnly(
      "transport.kind",
      "Only the platform's owner may register servers that run on the gateway's machine",
    );
  if (policy.privateNetwork)
    throw ownersOnly("policy.privateNetwork", "Only the platform's owner may admit private addresses for a server");
}

export const ownersOnly = (path: string, message: string) =>
  new AppError("forbidden", "upstream.owner", message, { fields: [{ path, message }] });

/**
 * Takes the name for a workspace, or with null for all of them, within the transaction: two who want it at the same
 * time come one after the other. A workspace's name may not be that of a server for all, nor the other way round, and
 * those of the settings are never free. Throws `upstream.taken` with the field.
 */
export async function claimName(
  tx: Tx,
  settings: Pick<Settings, "upstreams">,
  name: string,
  workspaceId: string | null,
): Promise<void> {
  if (settings.upstreams.some((fixed) => fixed.name === name)) throw taken(name);
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`upstream:${name}`}))`;
  const found = await tx.upstream.findFirst({
    where: { name, ...(workspaceId !== null && { OR: [{ workspaceId: null }, { workspaceId }] }) },
    select: { id: true },
  });
  if (found) throw taken(name);
}

const taken = (name: string) =>
  new AppError("conflict", "upstream.taken", `There is already an MCP server named ${name}`, {
    fields: [{ path: "name", message: "This name is taken, choose another" }],
  });
