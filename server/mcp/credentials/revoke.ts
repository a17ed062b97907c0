import { assertSecureTokenEndpoint, selectClientAuthMethod } from "@modelcontextprotocol/client";
import type { UpstreamDefinition } from "../definition.ts";
import type { Vault } from "../vault.ts";
import { namedClient } from "./client-information.ts";
import type { Grant } from "./credential-rows.ts";
import type { Credentials } from "./credentials.ts";

type Needs = Pick<Credentials, "issuerOf" | "fetchFor"> & { vault: Pick<Vault, "resolve"> };

/** Asks the issuer to end what it granted (RFC 7009), where it has a way to. Its answer changes nothing here. */
export async function revokeGrant(
  { issuerOf, fetchFor, vault }: Needs,
  definition: UpstreamDefinition,
  grant: Grant,
  userId: string,
): Promise<void> {
  const { issuer, metadata } = await issuerOf(definition);
  const endpoint = metadata && "revocation_endpoint" in metadata ? metadata.revocation_endpoint : undefined;
  if (issuer !== grant.issuer || typeof endpoint !== "string") return;
  const { auth } = definition;
  const client =
    auth.kind === "oauth-user" && auth.clientId
      ? await namedClient(vault, definition, auth, { userId, purpose: `upstream:${definition.name}` })
      : grant.client;
  const { client_id: id, client_secret: secret } = client;
  const method = selectClientAuthMethod(client, metadata?.token_endpoint_auth_methods_supported ?? []);
  const basic = method === "client_secret_basic" && secret !== undefined;
  const form = new URLSearchParams({
    token: grant.refreshToken ?? grant.accessToken,
    token_type_hint: grant.refreshToken ? "refresh_token" : "access_token",
    ...(!basic && { client_id: id }),
    ...(method === "client_secret_post" && secret !== undefined && { client_secret: secret }),
  });
  const response = await fetchFor(definition)(assertSecureTokenEndpoint(endpoint), {
    method: "POST",
    body: form,
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      ...(basic && { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` }),
    },
  });
  await response.body?.cancel();
}
