import {
  computeScopeUnion,
  exchangeAuthorization,
  startAuthorization,
  validateAuthorizationResponseIssuer,
  type FetchLike,
  type OAuthClientInformationMixed,
} from "@modelcontextprotocol/client";
import type { Clock } from "../../kernel/clock.ts";
import { randomToken, sha256 } from "../../kernel/crypto.ts";
import type { Rows, Tx } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Viewer } from "../exchange.ts";
import type { Vault } from "../vault.ts";
import { CALLBACK_PATH, clientAt, namedClient } from "./client-information.ts";
import type { CredentialRows } from "./credential-rows.ts";
import { grantKey, grantOf } from "./grants.ts";
import { withoutWords } from "./issuer-failure.ts";
import { challengeFrom, discoverIssuer, paramsOf, type Issuer } from "./oauth-discovery.ts";
import type { Challenge } from "./source.ts";

type Person = Pick<Viewer, "workspaceId" | "userId">;

/** A person's consent, by the authorization code flow with PKCE in their browser. */
export interface Authorization {
  /**
   * Where to send the browser. The state is bound to the person and good once, for ten minutes. `challenge`: what the
   * upstream answered last; without it, it is asked. Throws AppError `upstream.auth`.
   */
  start(
    definition: UpstreamDefinition,
    who: Person,
    options: { returnTo: string; challenge?: Challenge | undefined },
  ): Promise<URL>;
  /**
   * The browser came back. Throws AppError `connection.state` (unknown, used, expired or of somebody else: the same),
   * `connection.issuer` (RFC 9207), `connection.denied`, `connection.exchange`. `also` runs in the transaction that keeps
   * the tokens.
   */
  finish(
    answer: URLSearchParams,
    who: Person,
    find: (upstreamId: string) => Promise<UpstreamDefinition | undefined>,
    also: (tx: Tx, definition: UpstreamDefinition, issuer: string) => Promise<void>,
  ): Promise<{ definition: UpstreamDefinition; returnTo: string }>;
}

/** What is kept, sealed, until the browser is back. */
interface Pending {
  /** The upstream's address: where the consent is for. */
  url: string;
  issuer: Issuer;
  client: OAuthClientInformationMixed;
  codeVerifier: string;
  redirectUri: string;
  scope?: string;
}

interface Options {
  db: Rows;
  rows: CredentialRows;
  vault: Vault;
  clock: Clock;
  publicUrl: string;
  /** Address of the gateway's client metadata document. */
  clientId: string;
  fetchFor(definition: UpstreamDefinition): FetchLike;
}

const LIFE_MS = 10 * 60_000;
export const pendingContext = (stateHash: string) => `upstream-authorization:${stateHash}`;

export function createAuthorization(options: Options): Authorization {
  const { db, rows, vault, clock, publicUrl, clientId, fetchFor } = options;
  const redirectUri = `${publicUrl}${CALLBACK_PATH}`;

  return {
    async start(definition, who, { returnTo, challenge }) {
      const fetch = fetchFor(definition);
      const asked = paramsOf(challenge ?? (await challengeFrom(definition, fetch)));
      const issuer = await discoverIssuer(definition, fetch, asked.resourceMetadataUrl);
      // Without it a code that somebody else gets hold of would be good; OAuth 2.1 demands it.
      if (issuer.metadata && !issuer.metadata.code_challenge_methods_supported?.includes("S256"))
        throw new AppError(
          "upstream",
          "upstream.auth",
          `The authorization server of ${definition.title} does not support PKCE (S256)`,
          { extra: { mayHaveRun: false } },
        );
      const before = await rows.grant(grantKey(definition, who));
      const scope = scopeFor(definition, issuer, asked.scope, before?.issuer === issuer.issuer ? before : undefined);
      const use = { userId: who.userId, purpose: `upstream:${definition.name}` };
      const client = await clientAt({ rows, vault, publicUrl, clientId, fetch }, definition, issuer, use, scope);
      const state = randomToken();
      const { authorizationUrl, codeVerifier } = await startAuthorization(issuer.url, {
        ...(issuer.metadata && { metadata: issuer.metadata }),
        ...(issuer.resource && { resource: issuer.resource }),
        ...(scope && { scope }),
        clientInformation: client,
        redirectUrl: redirectUri,
        state,
      });
      if (!/^https?:$/.test(authorizationUrl.protocol))
        throw new AppError("upstream", "upstream.auth", `The sign-in address of ${definition.title} is no web address`);
      const at = clock.now();
      const stateHash = sha256(state);
      // The secret of a client that was named stays among the secrets.
      const pending: Pending = {
        url: definition.url,
        issuer,
        client: isNamed(definition) ? { client_id: client.client_id } : client,
        codeVerifier,
        redirectUri,
        ...(scope && { scope }),
      };
      await db.upstreamAuthorization.deleteMany({ where: { expiresAt: { lt: at } } });
      await db.upstreamAuthorization.create({
        data: {
          stateHash,
          upstreamId: definition.id,
          workspaceId: who.workspaceId,
          userId: who.userId,
          sealed: await vault.seal(JSON.stringify(pending), pendingContext(stateHash)),
          returnTo,
          createdAt: at,
          expiresAt: new Date(at.getTime() + LIFE_MS),
        },
      });
      return authorizationUrl;
    },

    async finish(answer, who, find, also) {
      const stateHash = sha256(answer.get("state") ?? "");
      const mine = { stateHash, userId: who.userId, workspaceId: who.workspaceId, expiresAt: { gt: clock.now() } };
      const row = await db.upstreamAuthorization.findFirst({ where: mine });
      // Taken before anything is done with it: of two who come at once, one finds it.
      if (!row || !(await db.upstreamAuthorization.deleteMany({ where: mine })).count)
        throw new AppError(
          "invalid",
          "connection.state",
          "This sign-in was not started by you here, or it took too long. Start it again",
        );
      const pending = JSON.parse(await vault.open(row.sealed, pendingContext(stateHash))) as Pending; // sealed above
      const definition = await find(row.upstreamId);
      if (!definition) throw new AppError("missing", "upstream.missing", "This MCP server does not exist");
      const { issuer, codeVerifier, scope } = pending;
      const iss = answer.get("iss") ?? undefined;
      // Before anything of the answer is believed, its errors included.
      checkIssuer(issuer, iss, definition);
      const code = answer.get("code");
      if (!code)
        throw new AppError("forbidden", "connection.denied", `The sign-in at ${definition.title} was not completed`);
      const use = { userId: who.userId, purpose: `upstream:${definition.name}` };
      const { auth } = definition;
      const client =
        auth.kind === "oauth-user" && isNamed(definition)
          ? await namedClient(vault, definition, auth, use)
          : pending.client;
      const tokens = await exchangeAuthorization(issuer.url, {
        ...(issuer.metadata && { metadata: issuer.metadata }),
        ...(issuer.resource && { resource: issuer.resource }),
        ...(iss !== undefined && { iss }),
        clientInformation: client,
        authorizationCode: code,
        codeVerifier,
        redirectUri: pending.redirectUri,
        fetchFn: fetchFor(definition),
      }).catch((cause: unknown) => {
        throw new AppError(
          "upstream",
          "connection.exchange",
          `The authorization server of ${definition.title} did not complete the sign-in. Start it again`,
          { cause: withoutWords(cause) },
        );
      });
      const grant = grantOf(tokens, {
        issuer: issuer.issuer,
        url: pending.url,
        client: pending.client,
        now: clock.now().getTime(),
        ...(scope && { scope }),
      });
      await rows.change(grantKey(definition, who), async (_, tx) => {
        await also(tx, definition, issuer.issuer);
        return grant;
      });
      return { definition, returnTo: row.returnTo };
    },
  };
}

const isNamed = ({ auth }: UpstreamDefinition) => auth.kind === "oauth-user" && Boolean(auth.clientId);

function checkIssuer(issuer: Issuer, iss: string | undefined, { title }: UpstreamDefinition) {
  try {
    validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: issuer.metadata?.issuer,
      issParameterSupported: issuer.metadata?.["authorization_response_iss_parameter_supported"] === true,
    });
  } catch (cause) {
    throw new AppError(
      "invalid",
      "connection.issuer",
      `The answer does not come from the authorization server of ${title}; it was not used`,
      { cause },
    );
  }
}

/**
 * What is asked for: what the upstream's challenge says, else its settings, else what its metadata list, else nothing;
 * with what was granted before and what it wanted since, so that nothing is lost; and `offline_access` where the issuer
 * knows it, for a refresh token.
 */
function scopeFor(
  { auth }: UpstreamDefinition,
  issuer: Issuer,
  challenged: string | undefined,
  before: { scope?: string; wanted?: string } | undefined,
): string | undefined {
  const configured = auth.kind === "oauth-user" ? auth.scopes?.join(" ") : undefined;
  const asked = computeScopeUnion(
    before?.wanted && before.scope,
    before?.wanted,
    configured ?? challenged ?? issuer.scopesSupported?.join(" "),
  );
  const offline = issuer.metadata?.scopes_supported?.includes("offline_access");
  return asked && offline ? computeScopeUnion(asked, "offline_access") : asked;
}
