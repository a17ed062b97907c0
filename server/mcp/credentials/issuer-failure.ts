import { OAuthError } from "@modelcontextprotocol/client";

/**
 * What may be logged of a failure of an authorization server: the code that the protocol knows. Its own words may repeat
 * what it was sent.
 */
export function withoutWords(error: unknown): unknown {
  if (!(error instanceof OAuthError)) return error instanceof Error ? new Error(error.name) : undefined;
  return new Error(/^[a-z_]{1,40}$/.test(error.code) ? `the issuer answered ${error.code}` : "the issuer refused");
}
