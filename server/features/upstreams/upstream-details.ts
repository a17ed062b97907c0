import type { Actor } from "../../kernel/actor.ts";
import { allows } from "../../kernel/permissions.ts";
import type { UpstreamDefinition } from "../../mcp/definition.ts";
import { shownUrl, upstreamUrl } from "../../mcp/upstream/address.ts";
import { settingsUpstreams } from "../../mcp/upstream/source.ts";
import type { Deps } from "../deps.ts";
import { noUpstream, sees } from "./find-upstream.ts";
import type { UpstreamDetails, UpstreamRef } from "./schema.ts";

/** The whole definition of one, by id or name; secrets by their names. Throws `missing`. */
export async function upstreamDetails(
  { db, settings }: Pick<Deps, "db" | "settings">,
  actor: Actor,
  { id }: UpstreamRef,
): Promise<UpstreamDetails> {
  const fixed = settingsUpstreams(settings.upstreams).find((one) => one.name === id && sees(actor, one.workspaceId));
  if (fixed) return { ...detailsOf(withoutValues(fixed)), catalogueId: null, editable: false };
  const row = await db.upstream.findFirst({
    where: { OR: [{ id }, { name: id }], AND: { OR: [{ workspaceId: null }, { workspaceId: actor.workspaceId }] } },
  });
  if (!row) throw noUpstream();
  const definition = row as unknown as UpstreamDefinition; // its columns, written after our schemas
  const { transport } = definition;
  const own = row.workspaceId === null || transport.kind === "stdio" ? actor.owner : true;
  const editable = own && allows(actor, "upstream.write");
  return {
    ...detailsOf(definition),
    // Arguments of a process may hold what only the owner should know.
    ...(transport.kind === "stdio" && !actor.owner && { transport: { ...transport, args: [], env: {} } }),
    ...(transport.kind === "openapi" && !editable && { transport: withoutQuery(transport) }),
    catalogueId: row.catalogueId,
    editable,
  };
}

const detailsOf = (definition: UpstreamDefinition) => {
  const { id, name, title, url, source, workspaceId, enabled, transport, auth, policy, pinning } = definition;
  const scope = workspaceId === null ? ("all" as const) : ("workspace" as const);
  return {
    id,
    name,
    title,
    url: shownUrl(url),
    source,
    scope,
    enabled,
    transport,
    auth,
    policy,
    pinning,
  };
};

/** The query of a document's address may hold a secret, as that of every other address. */
const withoutQuery = (
  transport: Extract<UpstreamDefinition["transport"], { kind: "openapi" }>,
): UpstreamDefinition["transport"] => {
  const { document } = transport;
  const isAddress = typeof document === "string" && upstreamUrl(document.trim()) !== null;
  return isAddress ? { ...transport, document: shownUrl(document.trim()) } : transport;
};

const HIDDEN = "[set]";
/** Upstreams of the settings may hold values of the environment. */
function withoutValues(definition: UpstreamDefinition): UpstreamDefinition {
  const { transport } = definition;
  if (transport.kind === "openapi")
    return { ...definition, transport: withoutQuery(transport), auth: authWithoutValues(definition.auth) };
  if (transport.kind !== "stdio") return { ...definition, auth: authWithoutValues(definition.auth) };
  const env = Object.fromEntries(Object.keys(transport.env).map((name) => [name, HIDDEN]));
  return { ...definition, transport: { ...transport, args: [], env }, auth: authWithoutValues(definition.auth) };
}

function authWithoutValues(auth: UpstreamDefinition["auth"]): UpstreamDefinition["auth"] {
  switch (auth.kind) {
    case "bearer":
      return { ...auth, token: HIDDEN };
    case "header":
      return { ...auth, value: HIDDEN };
    case "oauth-client":
      return {
        ...auth,
        ...(auth.clientSecret !== undefined && { clientSecret: HIDDEN }),
        ...(auth.refreshToken !== undefined && { refreshToken: HIDDEN }),
      };
    case "oauth-user":
      return { ...auth, ...(auth.clientSecret !== undefined && { clientSecret: HIDDEN }) };
    case "none":
      return auth;
  }
}
