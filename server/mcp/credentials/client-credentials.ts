import {
  assertSecureTokenEndpoint,
  computeScopeUnion,
  fetchToken,
  type FetchLike,
  type OAuthTokens,
} from "@modelcontextprotocol/client";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { UpstreamAuth, UpstreamDefinition } from "../definition.ts";
import type { SecretUse, Vault } from "../vault.ts";
import { bindTo, isBoundTo, namedClient } from "./client-information.ts";
import type { CredentialRows } from "./credential-rows.ts";
import { timesOf } from "./grants.ts";
import { withoutWords } from "./issuer-failure.ts";
import type { Issuer } from "./oauth-discovery.ts";

type ClientAuth = Extract<UpstreamAuth, { kind: "oauth-client" }>;

/**
 * Tokens of OAuth client credentials (RFC 6749 §4.4), or for a refresh token that was given (§6): one for all callers, in
 * the memory of each process.
 */
export interface ClientTokens {
  token(definition: UpstreamDefinition, auth: ClientAuth, use: SecretUse): Promise<string>;
  /** The upstream refused it: the next one is fetched anew, with `scope` too where it wants that. */
  refused(definition: UpstreamDefinition, token: string, scope: string | undefined): void;
}

interface Options {
  rows: CredentialRows;
  vault: Pick<Vault, "resolve">;
  clock: Clock;
  fetchFor(definition: UpstreamDefinition): FetchLike;
  issuerOf(definition: UpstreamDefinition): Promise<Issuer>;
}

interface Held {
  /** The settings that it was fetched with. */
  auth: string;
  token: string | undefined;
  refreshAt: number;
  scope: string | undefined;
  /** What the issuer gave in place of the refresh token of the settings. */
  refreshToken: string | undefined;
  fetching: Promise<string> | undefined;
  /** The issuer that its client is known to belong to. */
  boundTo: string | undefined;
}

/** A token whose life is not told is renewed after an hour. */
const UNKNOWN_LIFE_MS = 3_600_000;

export function createClientTokens({ rows, vault, clock, fetchFor, issuerOf }: Options): ClientTokens {
  const held = new Map<string, Held>();

  const ask = async (definition: UpstreamDefinition, auth: ClientAuth, entry: Held, use: SecretUse) => {
    const issuer = await issuerFor(definition, auth);
    const client = await namedClient(vault, definition, auth, use);
    // An endpoint that was entered is where the secret is meant to go; every other is the upstream's word.
    const bound =
      auth.tokenEndpoint !== undefined ||
      entry.boundTo === issuer.issuer ||
      (await isBoundTo(rows, definition, issuer, client));
    const refreshToken =
      entry.refreshToken ?? (auth.refreshToken && (await vault.resolve(definition, auth.refreshToken, use)));
    const scope = entry.scope ?? auth.scopes?.join(" ") ?? issuer.scopesSupported?.join(" ");
    let tokens: OAuthTokens;
    try {
      tokens = await fetchToken(
        {
          redirectUrl: undefined,
          clientMetadata: { redirect_uris: [], grant_types: ["client_credentials"] },
          clientInformation: () => client,
          tokens: () => undefined,
          saveTokens: () => undefined,
          redirectToAuthorization: () => undefined,
          saveCodeVerifier: () => undefined,
          codeVerifier: () => "",
          prepareTokenRequest: (asked) =>
            new URLSearchParams({
              ...(refreshToken
                ? { grant_type: "refresh_token", refresh_token: refreshToken }
                : { grant_type: "client_credentials" }),
              ...(asked && { scope: asked }),
            }),
        },
        issuer.url,
        {
          ...(issuer.metadata && { metadata: issuer.metadata }),
          ...(issuer.resource && { resource: issuer.resource }),
          ...(scope && { scope }),
          fetchFn: fetchFor(definition),
        },
      );
    } catch (cause) {
      throw new AppError(
        "upstream",
        "upstream.auth",
        `The authorization server of ${definition.title} gave the gateway no token. Check the client id and secret`,
        { extra: { mayHaveRun: false }, cause: withoutWords(cause) },
      );
    }
    // Not before it gave a token: where the upstream's metadata are away the issuer is a guess.
    if (!bound) await bindTo(rows, definition, issuer, client);
    entry.boundTo = issuer.issuer;
    const now = clock.now().getTime();
    entry.token = tokens.access_token;
    entry.refreshToken = tokens.refresh_token ?? entry.refreshToken;
    entry.refreshAt = timesOf(tokens, now).refreshAt ?? now + UNKNOWN_LIFE_MS;
    return tokens.access_token;
  };
  const issuerFor = async (definition: UpstreamDefinition, { tokenEndpoint }: ClientAuth): Promise<Issuer> => {
    if (!tokenEndpoint) return issuerOf(definition);
    const url = assertSecureTokenEndpoint(tokenEndpoint);
    // Only its token endpoint is asked; the others are there because metadata have them.
    const metadata = {
      issuer: url.origin,
      token_endpoint: tokenEndpoint,
      authorization_endpoint: url.origin,
      response_types_supported: [],
    };
    return { issuer: url.origin, url: url.origin, metadata, resource: undefined, scopesSupported: undefined };
  };

  return {
    async token(definition, auth, use) {
      const settings = JSON.stringify([definition.url, auth]);
      let entry = held.get(definition.id);
      if (entry?.auth !== settings) {
        entry = {
          auth: settings,
          token: undefined,
          refreshAt: 0,
          scope: undefined,
          refreshToken: undefined,
          fetching: undefined,
          boundTo: undefined,
        };
        held.set(definition.id, entry);
      }
      const mine = entry;
      if (mine.token && clock.now().getTime() < mine.refreshAt) return mine.token;
      return (mine.fetching ??= ask(definition, auth, mine, use).finally(() => (mine.fetching = undefined)));
    },
    refused(definition, token, scope) {
      const entry = held.get(definition.id);
      if (entry?.token !== token) return;
      entry.token = undefined;
      if (scope) entry.scope = computeScopeUnion(entry.scope, scope);
    },
  };
}
