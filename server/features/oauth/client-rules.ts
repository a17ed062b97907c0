import { errors } from "oidc-provider";

/** What a client may tell of itself, beyond which nobody would read it. */
const MAX = { redirects: 10, uri: 512, name: 100 };

/** What would make the server fetch, show or keep more than it wants to. */
const DROPPED = [
  "contacts",
  "default_acr_values",
  "default_max_age",
  "initiate_login_uri",
  "jwks",
  "jwks_uri",
  "logo_uri",
  "policy_uri",
  "scope", // what it may ask for is the same for all, and the person decides
  "sector_identifier_uri",
  "software_statement",
  "tos_uri",
];

/** Schemes that a browser or the system does something by itself with; the provider refuses some of them, not all. */
const NO_APP = /^(javascript|vbscript|data|blob|file|about|ftp|ws|wss|mailto|tel|sms|view-source|filesystem|intent)$/;

/**
 * The rules for a client, whether it registers itself or is described by a document. All of them count as native
 * (RFC 8252): loopback addresses at any port, https, or a scheme of an app; never http to another machine. Changes the
 * metadata in place, as the provider wants it. Throws `invalid_client_metadata`, `invalid_redirect_uri`.
 */
export function applyClientRules(metadata: Record<string, unknown>): void {
  for (const name of DROPPED) delete metadata[name];
  metadata["application_type"] = "native";
  metadata["response_types"] = ["code"];
  metadata["subject_type"] = "public";
  metadata["id_token_signed_response_alg"] = "EdDSA";
  metadata["require_auth_time"] = false;
  // A document cannot hold a secret: one that names no method means none, not the method that is the default elsewhere.
  const { client_id: id, token_endpoint_auth_method: method } = metadata;
  if (typeof id === "string" && id.startsWith("https:") && method === "client_secret_basic")
    metadata["token_endpoint_auth_method"] = "none";
  const grants = metadata["grant_types"];
  if (Array.isArray(grants))
    metadata["grant_types"] = grants.filter((one) => one === "authorization_code" || one === "refresh_token");

  const { client_name: name, redirect_uris: redirects } = metadata;
  if (typeof name === "string" && name.length > MAX.name)
    throw new errors.InvalidClientMetadata(`client_name: at most ${MAX.name} characters`);
  if (!Array.isArray(redirects) || redirects.length === 0)
    throw new errors.InvalidClientMetadata("redirect_uris: at least one address to answer to");
  if (redirects.length > MAX.redirects)
    throw new errors.InvalidClientMetadata(`redirect_uris: at most ${MAX.redirects} addresses`);
  for (const one of redirects) checkRedirect(one);
}

function checkRedirect(text: unknown): void {
  const url = typeof text === "string" && text.length <= MAX.uri ? URL.parse(text) : null;
  if (!url) throw new errors.InvalidClientMetadata(`redirect_uris: addresses of at most ${MAX.uri} characters`);
  if (url.username || url.password)
    throw new errors.InvalidClientMetadata("redirect_uris: no credentials in addresses");
  const scheme = url.protocol.slice(0, -1);
  if (NO_APP.test(scheme)) throw new errors.InvalidClientMetadata(`redirect_uris: not the scheme ${scheme}`);
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export type RedirectKind = { kind: "loopback" } | { kind: "app"; scheme: string } | { kind: "site"; host: string };

/** Where an answer goes, in a form that people can judge. */
export function kindOfRedirect(uri: string): RedirectKind {
  const url = new URL(uri);
  if (url.protocol === "https:") return { kind: "site", host: url.host };
  if (url.protocol === "http:" && LOOPBACK.has(url.hostname)) return { kind: "loopback" };
  return { kind: "app", scheme: url.protocol.slice(0, -1) };
}

/** A name as the client gave it, without what would let it look like something else. */
export function shownName(name: string | undefined, otherwise: string): string {
  const plain = (name ?? "")
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return (plain || otherwise).slice(0, MAX.name);
}
