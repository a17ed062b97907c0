import { createPrivateKey } from "node:crypto";
import { errors, interactionPolicy, Provider, type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import { deriveKey } from "../../kernel/crypto.ts";
import { isDatabaseAway } from "../../kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { applyClientRules } from "./client-rules.ts";
import type { FetchDocument } from "./fetch-document.ts";
import { createRecords, noteReplay, TOKEN_BITS } from "./records.ts";
import { resourceOfUrl, resourceUrl } from "./resources.ts";
import { OAUTH_SCOPES } from "./schema.ts";

const MINUTE = 60;
const DAY = 86_400;
const TTL = {
  AccessToken: 15 * MINUTE,
  AuthorizationCode: MINUTE,
  /** Since its last use: each use brings a new one. */
  RefreshToken: 30 * DAY,
  /** Time to sign in and to decide. */
  Interaction: 30 * MINUTE,
  /** The provider's own sign-in, which lasts for one authorization: the product's counts. */
  Session: MINUTE,
};

export const ROUTES = {
  authorization: "/oauth/authorize",
  token: "/oauth/token",
  registration: "/oauth/register",
  revocation: "/oauth/revoke",
  jwks: "/oauth/jwks",
} as const;
export const METADATA_PATH = "/.well-known/oauth-authorization-server";

export type ProviderDeps = Pick<Deps, "db" | "live" | "clock" | "settings" | "log">;

/** Asks before each fetch of a client's document; throws or answers false where there were too many. */
export type MayFetch = (ctx: KoaContextWithOIDC) => Promise<boolean>;

/**
 * The authorization server's protocol (OAuth 2.1): authorization code with PKCE S256, rotating refresh tokens, dynamic
 * registration, client id metadata documents, resource indicators, revocation. Who the person is and what they allow is
 * decided elsewhere (`consent.ts`); each authorization asks anew, so that no app rides on what another was allowed.
 */
export function createProvider(
  deps: ProviderDeps,
  { fetch, mayFetch }: { fetch: FetchDocument; mayFetch: MayFetch },
): Provider {
  const { settings, log } = deps;
  const provider = new Provider(settings.publicUrl, configure(deps, { fetch, mayFetch }));
  provider.proxy = true; // the edge says by X-Forwarded-Proto what the public address is
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === METADATA_PATH && ctx.status === 200) ctx.body = onlyOAuth(ctx.body as Metadata); // its discovery
  });
  provider.on("grant.revoked", (ctx, grantId) => {
    // At this endpoint for one reason: what works once came a second time, so somebody else may hold it too.
    if (ctx.path === ROUTES.token)
      noteReplay(deps, grantId).catch((err: unknown) => log.error({ err }, "OAuth: audit"));
  });
  provider.on("server_error", (ctx, err) => {
    if (!isDatabaseAway(err)) return log.error({ err, path: ctx.path }, "OAuth: failed by a mistake of ours");
    ctx.status = 503;
    ctx.set("Retry-After", "2");
  });
  return provider;
}

function configure(
  deps: ProviderDeps,
  { fetch, mayFetch }: { fetch: FetchDocument; mayFetch: MayFetch },
): Configuration {
  const { settings } = deps;
  const secure = settings.publicUrl.startsWith("https:");
  const cookie = { httpOnly: true, sameSite: "lax", signed: true, secure, overwrite: true } as const;
  const cookieName = (what: string) => `osf-${settings.port}.oauth-${what}`;
  const mayCome = () => true; // no cookie counts at these endpoints, so any page may ask them

  return {
    adapter: createRecords(deps),
    routes: ROUTES,
    scopes: [...OAUTH_SCOPES],
    responseTypes: ["code"],
    subjectTypes: ["public"],
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post"],
    clientDefaults: { grant_types: ["authorization_code", "refresh_token"], id_token_signed_response_alg: "EdDSA" },
    enabledJWA: { idTokenSigningAlgValues: ["EdDSA"] },
    jwks: { keys: [signingKey(settings.jwtSecret)] },
    pkce: { required: () => true },
    formats: { bitsOfOpaqueRandomness: TOKEN_BITS },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: mayCome,
    conformIdTokenClaims: true,
    cookies: {
      keys: [deriveKey(settings.jwtSecret, "oauth-cookies").toString("base64url")],
      names: { session: cookieName("session"), interaction: cookieName("interaction"), resume: cookieName("resume") },
      long: cookie,
      short: cookie,
    },
    extraParams: [DEFAULTED],
    extraClientMetadata: {
      properties: ["osf_rules"], // the rules below run once for each of these names, for every client
      validator: (_ctx, _key, _value, metadata) => applyClientRules(metadata as Record<string, unknown>),
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      registration: { enabled: true, initialAccessToken: false, issueRegistrationAccessToken: false },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => client.clientId === token.clientId },
      clientIdMetadataDocument: {
        enabled: true,
        ack: "draft-02",
        allowFetch: (ctx) => mayFetch(ctx),
        cacheDuration: { min: 60, max: 3_600 },
      },
      resourceIndicators: {
        enabled: true,
        // Clients of before resource indicators mean all servers.
        defaultResource: (_ctx, _client, oneOf) => oneOf ?? resourceUrl(settings, "/mcp"),
        useGrantedResource: () => true,
        getResourceServerInfo(ctx, indicator) {
          const path = resourceOfUrl(settings, indicator);
          const named = ctx.oidc.params?.["resource"];
          if (!path || (Array.isArray(named) && named.length > 1)) throw new errors.InvalidTarget();
          return {
            scope: OAUTH_SCOPES.join(" "),
            audience: resourceUrl(settings, path),
            accessTokenFormat: "opaque",
            accessTokenTTL: TTL.AccessToken,
          };
        },
      },
    },
    fetch,
    fetchResponseBodyLimits: { "client_id metadata document": 8 * 1024 },
    findAccount: (_ctx, sub, token) => findAccount(deps, sub, token?.grantId),
    loadExistingGrant: async (ctx) => {
      const id = ctx.oidc.result?.consent?.grantId;
      return id ? ctx.oidc.provider.Grant.find(id) : undefined;
    },
    interactions: { policy: alwaysAsk(), url: (_ctx, { uid }) => `/oauth/consent/${uid}` },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: () => true,
    revokeGrantPolicy: () => true, // whoever gives a token back is no longer connected
    expiresWithSession: () => false,
    renderError,
    ttl: { ...TTL, Grant: 365 * DAY },
  };
}

/** Set on a request that named no scope: what the client is offered then is the person's to tick. */
export const DEFAULTED = "osf_scope_defaulted";

/** The one question: who are you, and do you allow this? Nothing that was answered before answers it. */
function alwaysAsk(): interactionPolicy.Prompt[] {
  const { Check, Prompt } = interactionPolicy;
  return [
    new Prompt(
      { name: "consent", requestable: true },
      new Check("asked_each_time", "The person decides on each connection", "consent_required", (ctx) =>
        ctx.oidc.result?.consent ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
      ),
    ),
    // What they mean is part of the same page; the words must be known, or a request with them would be refused.
    new Prompt({ name: "login", requestable: true }),
    new Prompt({ name: "select_account", requestable: true }),
  ];
}

type Metadata = Record<string, unknown>;

/** RFC 8414 without what is OpenID Connect's: people do not sign in elsewhere with this gateway. */
function onlyOAuth(all: Metadata): Metadata {
  const {
    claims_parameter_supported: _a,
    claims_supported: _b,
    claim_types_supported: _h,
    id_token_signing_alg_values_supported: _c,
    subject_types_supported: _d,
    scopes_supported: _e,
    request_uri_parameter_supported: _f,
    jwks_uri: _g,
    ...kept
  } = all;
  return { ...kept, scopes_supported: OAUTH_SCOPES, response_modes_supported: ["query"] };
}

/** The person, as long as they are in the workspace that was chosen; undefined ends what the grant was worth. */
async function findAccount({ db }: Pick<Deps, "db">, userId: string, grantId: string | undefined) {
  const account = { accountId: userId, claims: async () => ({ sub: userId }) };
  if (!grantId)
    return (await db.user.findUnique({ where: { id: userId }, select: { id: true } })) ? account : undefined;
  const app = await db.oAuthRecord.findFirst({ where: { model: "App", id: grantId, userId } });
  const workspaceId = (app?.payload as { workspaceId?: string } | undefined)?.workspaceId; // as `allow` wrote it
  if (!workspaceId) return undefined;
  const member = await db.membership.findUnique({ where: { workspaceId_userId: { workspaceId, userId } } });
  return member ? account : undefined;
}

/** Pages tell people what went wrong by its code: nothing that a link carries is shown to them as our words. */
function renderError(ctx: KoaContextWithOIDC, out: { error: string }): void {
  if (ctx.accepts("json", "html") === "html") {
    ctx.status = 303;
    ctx.redirect(`/oauth/error?code=${encodeURIComponent(out.error)}`);
    return;
  }
  ctx.body = out;
}

// PKCS #8 of an Ed25519 key is this, then the 32 bytes of its seed (RFC 8410).
const ED25519_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** The provider wants a key although nothing is signed: access tokens are opaque, and there are no id tokens. */
function signingKey(jwtSecret: string) {
  const seed = deriveKey(jwtSecret, "oauth-signing");
  const key = createPrivateKey({ key: Buffer.concat([ED25519_PREFIX, seed]), format: "der", type: "pkcs8" });
  return { ...key.export({ format: "jwk" }), use: "sig", alg: "EdDSA" };
}
