import { registerClient, type FetchLike, type OAuthClientInformationMixed } from "@modelcontextprotocol/client";
import { sha256 } from "../../kernel/crypto.ts";
import { AppError } from "../../kernel/errors.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { SecretUse, Vault } from "../vault.ts";
import type { CredentialRows } from "./credential-rows.ts";
import { withoutWords } from "./issuer-failure.ts";
import type { Issuer } from "./oauth-discovery.ts";

/** Owner of what belongs to an upstream as a whole. */
export const ownerOf = ({ workspaceId }: Pick<UpstreamDefinition, "workspaceId">) => workspaceId ?? "*";

export const CALLBACK_PATH = "/connections/callback";
export const CLIENT_METADATA_PATH = "/oauth/client-metadata.json";

/** The gateway as a client of other authorization servers: served at CLIENT_METADATA_PATH, and sent to register. */
export const clientMetadata = (publicUrl: string) => ({
  client_name: "OSF Gateway",
  client_uri: publicUrl,
  redirect_uris: [`${publicUrl}${CALLBACK_PATH}`],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
  application_type: /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(publicUrl) ? "native" : "web",
});

/** The client id metadata document (draft-ietf-oauth-client-id-metadata-document): the id is its own address. */
export const clientDocument = (publicUrl: string) => ({
  client_id: `${publicUrl}${CLIENT_METADATA_PATH}`,
  ...clientMetadata(publicUrl),
});

interface Needs {
  rows: CredentialRows;
  vault: Pick<Vault, "resolve">;
  publicUrl: string;
  clientId: string;
  fetch: FetchLike;
}

/**
 * Who the gateway is at the issuer: named by the upstream's administrator; else as registered before; else its metadata
 * document where the issuer reads such; else registered now. Throws AppError `upstream.auth`.
 */
export async function clientAt(
  { rows, vault, publicUrl, clientId, fetch }: Needs,
  definition: UpstreamDefinition,
  issuer: Issuer,
  use: SecretUse,
  scope: string | undefined,
): Promise<OAuthClientInformationMixed> {
  const owner = ownerOf(definition);
  const { auth } = definition;
  const known = await rows.registrations(definition.id, owner);
  if (auth.kind === "oauth-user" && auth.clientId) {
    const client = await namedClient(vault, definition, auth, use);
    if (!(await isBoundTo(rows, definition, issuer, client))) await bindTo(rows, definition, issuer, client);
    return client;
  }
  const registered = known.find((one) => one.issuer === issuer.issuer && !one.fixed);
  if (registered) return registered.client;
  if (issuer.metadata?.client_id_metadata_document_supported === true && clientId.startsWith("https:"))
    return { client_id: clientId };
  if (issuer.metadata && !issuer.metadata.registration_endpoint)
    throw refused(definition, "does not register clients by itself. An administrator has to enter a client id");
  const client = await registerClient(issuer.url, {
    ...(issuer.metadata && { metadata: issuer.metadata }),
    clientMetadata: registrationOf(publicUrl, issuer),
    ...(scope !== undefined && { scope }),
    fetchFn: fetch,
  }).catch((cause: unknown) => {
    throw refused(definition, "did not register the gateway as a client", cause);
  });
  await rows.saveRegistration(definition.id, owner, issuer.issuer, { client });
  return client;
}

/** A registered client may be given a secret; then it is used as the issuer likes best. */
function registrationOf(publicUrl: string, { metadata }: Issuer) {
  const methods = metadata?.token_endpoint_auth_methods_supported;
  const method = ["none", "client_secret_basic", "client_secret_post"].find((one) => methods?.includes(one));
  return { ...clientMetadata(publicUrl), ...(methods && method && { token_endpoint_auth_method: method }) };
}

/** With its secret; a `${NAME}` that is none is an id as it is. */
export async function namedClient(
  vault: Pick<Vault, "resolve">,
  definition: UpstreamDefinition,
  { clientId = "", clientSecret }: { clientId?: string; clientSecret?: string },
  use: SecretUse,
): Promise<OAuthClientInformationMixed> {
  return {
    client_id: await vault.resolve(definition, clientId, use),
    ...(clientSecret && { client_secret: await vault.resolve(definition, clientSecret, use) }),
  };
}

/**
 * A client that was named belongs to one issuer: the first one it was used at, as long as the upstream's address stays. An
 * upstream that later names another would otherwise be sent the secret. Answers whether it was used before; throws
 * `upstream.auth` where that was at another.
 */
export async function isBoundTo(
  rows: CredentialRows,
  definition: UpstreamDefinition,
  { issuer }: Issuer,
  client: OAuthClientInformationMixed,
): Promise<boolean> {
  const mark = markOf(definition, client);
  const bound = (await rows.registrations(definition.id, ownerOf(definition))).filter(
    (one) => one.fixed && one.client.client_id === mark,
  );
  if (bound.some((one) => one.issuer === issuer)) return true;
  if (bound.length)
    throw refused(
      definition,
      "is another than the one the client id was entered for. An administrator has to enter the client id of the new one",
    );
  return false;
}

export const bindTo = (
  rows: CredentialRows,
  definition: UpstreamDefinition,
  { issuer }: Issuer,
  client: OAuthClientInformationMixed,
): Promise<void> =>
  rows.saveRegistration(definition.id, ownerOf(definition), issuer, {
    client: { client_id: markOf(definition, client) },
    fixed: true,
  });

const markOf = ({ url }: UpstreamDefinition, { client_id }: OAuthClientInformationMixed) =>
  sha256(JSON.stringify([client_id, url]));

const refused = ({ title }: UpstreamDefinition, what: string, cause?: unknown) =>
  new AppError("upstream", "upstream.auth", `The authorization server of ${title} ${what}`, {
    extra: { mayHaveRun: false },
    ...(cause !== undefined && { cause: withoutWords(cause) }),
  });
