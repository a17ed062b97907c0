import {
  checkResourceAllowed,
  discoverOAuthServerInfo,
  extractWWWAuthenticateParams,
  resourceUrlFromServerUrl,
  type AuthorizationServerMetadata,
  type FetchLike,
} from "@modelcontextprotocol/client";
import { AppError } from "../../kernel/errors.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Challenge } from "./source.ts";

/** Who issues tokens for an upstream, as it and its authorization server say. */
export interface Issuer {
  /** Exactly as its metadata say; what credentials are bound to. */
  issuer: string;
  /** Where the metadata were found. */
  url: string;
  /** Undefined: a server of revision 2025-03-26 without metadata, with its endpoints at the usual places. */
  metadata: AuthorizationServerMetadata | undefined;
  /** The `resource` indicator (RFC 8707), exactly as the upstream's metadata say. */
  resource: string | undefined;
  scopesSupported: readonly string[] | undefined;
}

/**
 * Protected resource metadata (RFC 9728), then those of its first authorization server (RFC 8414, OpenID Connect
 * Discovery), whose `issuer` must be the one that was asked for. Throws AppError `upstream.auth`.
 */
export async function discoverIssuer(
  definition: Pick<UpstreamDefinition, "title" | "url">,
  fetch: FetchLike,
  resourceMetadataUrl?: URL,
): Promise<Issuer> {
  const { url } = definition;
  try {
    const found = await discoverOAuthServerInfo(url, {
      fetchFn: fetch,
      ...(resourceMetadataUrl && { resourceMetadataUrl }),
    });
    const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = found;
    const resource = resourceMetadata?.resource;
    // A token for another resource would be good there: whoever leads there must not get one.
    const requestedResource = resourceUrlFromServerUrl(url);
    if (resource && !checkResourceAllowed({ requestedResource, configuredResource: resource }))
      throw new Error("its metadata are of another resource");
    // Endpoints are guessed only for upstreams of revision 2025-03-26, which have no metadata at all.
    if (resourceMetadata && !metadata) throw new Error("its metadata cannot be loaded");
    return {
      issuer: metadata?.issuer ?? authorizationServerUrl,
      url: authorizationServerUrl,
      metadata,
      resource,
      scopesSupported: resourceMetadata?.scopes_supported,
    };
  } catch (cause) {
    throw new AppError(
      "upstream",
      "upstream.auth",
      `The authorization server of ${definition.title} cannot be used: ${reasonOf(cause)}`,
      { extra: { mayHaveRun: false }, cause },
    );
  }
}

/** Words of ours or of the protocol's package; never of a server, which may say anything. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it does not answer";
  if (error.name === "IssuerMismatchError") return "its metadata are of another issuer";
  if (error.name === "DialRefused") return "its address may not be reached";
  if (error.name === "ZodError") return "its metadata are not well-formed";
  return error.message.startsWith("its ") ? error.message : "its metadata cannot be loaded";
}

/** What the header of a challenge says (RFC 6750, RFC 9728). */
export const paramsOf = ({ status, wwwAuthenticate }: Challenge) =>
  extractWWWAuthenticateParams(
    new Response(null, { status, headers: wwwAuthenticate ? { "WWW-Authenticate": wwwAuthenticate } : {} }),
  );

/** Asks the upstream for something without credentials, for the challenge that it answers. */
export async function challengeFrom(
  { url, transport }: Pick<UpstreamDefinition, "url" | "transport">,
  fetch: FetchLike,
): Promise<Challenge> {
  const none: Challenge = { status: 401, wwwAuthenticate: null };
  const ping = {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  };
  try {
    // What is no MCP server could take a POST for an order.
    const response = await fetch(url, transport.kind === "http" ? ping : {});
    await response.body?.cancel();
    return response.status === 401 ? { status: 401, wwwAuthenticate: response.headers.get("www-authenticate") } : none;
  } catch {
    return none; // what it says is found by its well-known addresses then
  }
}
