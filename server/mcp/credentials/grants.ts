import { randomUUID } from "node:crypto";
import {
  OAuthError,
  OAuthErrorCode,
  refreshAuthorization,
  type FetchLike,
  type OAuthClientInformationMixed,
  type OAuthTokens,
} from "@modelcontextprotocol/client";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Viewer } from "../exchange.ts";
import type { Vault } from "../vault.ts";
import { namedClient, ownerOf } from "./client-information.ts";
import type { CredentialRows, Grant, GrantKey } from "./credential-rows.ts";
import { withoutWords } from "./issuer-failure.ts";
import type { Issuer } from "./oauth-discovery.ts";

export const grantKey = (
  { id }: Pick<UpstreamDefinition, "id">,
  { workspaceId, userId }: Pick<Viewer, "workspaceId" | "userId">,
): GrantKey => ({ upstreamId: id, workspaceId, userId });

/** What a person is told who has to consent, first or again. */
export const consentNeeded = ({ name, title }: UpstreamDefinition, why: "none" | "ended" | "more") =>
  new AppError(
    "upstream",
    "upstream.auth",
    why === "none"
      ? `Connect your own account of ${title} first`
      : why === "ended"
        ? `Your connection to ${title} has ended; connect your account again`
        : `${title} wants more permissions than you gave it; connect your account again`,
    { extra: { mayHaveRun: false, connect: connectPath(name), upstream: name } },
  );
export const connectPath = (name: string) => `/connections/${name}/start`;

/** Times of a token, from the answer that brought it. Renewed before it ends, by a fifth of its life, a minute at most. */
export function timesOf({ expires_in }: Pick<OAuthTokens, "expires_in">, now: number) {
  if (expires_in === undefined) return {};
  const lifeMs = expires_in * 1_000;
  return { expiresAt: now + lifeMs, refreshAt: now + lifeMs - Math.min(60_000, lifeMs / 5) };
}

/** The grant that an issuer's answer is. `before`: what it replaces, for what the answer leaves out. */
export function grantOf(
  tokens: OAuthTokens,
  from: { issuer: string; url: string; client: OAuthClientInformationMixed; scope?: string; now: number },
): Grant {
  const { issuer, url, client, scope, now } = from;
  const granted = tokens.scope ?? scope; // RFC 6749 §5.1: left out where it is what was asked for
  return {
    issuer,
    url,
    client,
    accessToken: tokens.access_token,
    ...(tokens.refresh_token && { refreshToken: tokens.refresh_token }),
    ...(granted !== undefined && { scope: granted }),
    ...timesOf(tokens, now),
  };
}

/** The tokens of each person towards upstreams where each gives their own consent. */
export interface Grants {
  /** A token that is good for a while. Throws `upstream.auth`, with the way to connect where a consent is missing. */
  token(definition: UpstreamDefinition, who: Viewer): Promise<string>;
  /** The upstream refused this token: true where there is another now. Throws where only the person can help. */
  refused(definition: UpstreamDefinition, who: Viewer, token: string): Promise<boolean>;
  /** The upstream wants these scopes too: remembered for the next consent, which this throws for. */
  wantsMore(definition: UpstreamDefinition, who: Viewer, scope: string | undefined): Promise<never>;
}

interface Options {
  rows: CredentialRows;
  vault: Pick<Vault, "resolve">;
  clock: Clock;
  log: Log;
  fetchFor(definition: UpstreamDefinition): FetchLike;
  issuerOf(definition: UpstreamDefinition): Promise<Issuer>;
}

/** Longer than an issuer may take: after it whoever renews is taken for dead. */
const LEASE_MS = 30_000;
const LOOK_AGAIN_MS = 500;
/** The issuer says that this is over, not that it could not answer. */
const OVER: readonly string[] = [
  OAuthErrorCode.InvalidGrant,
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
];

export function createGrants({ rows, vault, clock, log, fetchFor, issuerOf }: Options): Grants {
  const refreshing = new Map<string, Promise<Grant | null>>();
  const now = () => clock.now().getTime();

  const renewed = async (definition: UpstreamDefinition, key: GrantKey, old: Grant): Promise<Grant | null> => {
    const { refreshToken } = old;
    if (!refreshToken) return null;
    const issuer = await issuerOf(definition);
    if (issuer.issuer !== old.issuer) {
      // The upstream has another issuer now, and nothing of the former one may be sent there. Where it did not say so
      // itself, its metadata may only be away.
      if (issuer.resource === undefined) throw new Error("the issuer cannot be told at the moment");
      return null;
    }
    const { auth } = definition;
    const use = { userId: key.userId, purpose: `upstream:${definition.name}` };
    const client =
      auth.kind === "oauth-user" && auth.clientId ? await namedClient(vault, definition, auth, use) : old.client;
    try {
      const tokens = await refreshAuthorization(issuer.url, {
        ...(issuer.metadata && { metadata: issuer.metadata }),
        ...(issuer.resource && { resource: issuer.resource }),
        clientInformation: client,
        refreshToken,
        fetchFn: fetchFor(definition),
      });
      return {
        ...grantOf(tokens, { issuer: old.issuer, url: old.url, client: old.client, now: now(), ...scopeOf(old) }),
        ...(old.wanted && { wanted: old.wanted }),
      };
    } catch (error) {
      if (!(error instanceof OAuthError) || !OVER.includes(error.code)) throw error;
      log.info({ upstream: definition.name, err: withoutWords(error) }, "a connection was ended by its issuer");
      if (error.code !== OAuthErrorCode.InvalidGrant)
        await rows.removeRegistration(definition.id, ownerOf(definition), old.issuer);
      return null;
    }
  };

  const grantFor = async (definition: UpstreamDefinition, key: GrantKey): Promise<Grant> => {
    const grant = await rows.grant(key);
    if (!grant) throw consentNeeded(definition, "none");
    if (grant.url !== definition.url) throw consentNeeded(definition, "ended");
    return grant;
  };

  /**
   * Renews the grant by lease: whoever takes it asks the issuer, the others wait for what comes of it. No connection to
   * the database is held meanwhile, for an issuer may be slow.
   */
  const renewOnce = async (definition: UpstreamDefinition, key: GrantKey, old: Grant): Promise<Grant | null> => {
    const by = randomUUID();
    for (;;) {
      const current = await rows.change(key, async (grant) => {
        const taken = grant?.lease && now() < grant.lease.until;
        if (!grant || grant.accessToken !== old.accessToken || taken) return undefined;
        return { ...grant, lease: { by, until: now() + LEASE_MS } };
      });
      if (!current || current.accessToken !== old.accessToken) return current;
      if (current.lease?.by !== by) {
        await rows.changed(key, LOOK_AGAIN_MS);
        continue;
      }
      const giveBack = (next: Grant | null) =>
        rows.change(key, async (grant) => (grant?.lease?.by === by ? next : undefined));
      const { lease: _, ...free } = current;
      try {
        return await giveBack(await renewed(definition, key, free));
      } catch (error) {
        await giveBack(free);
        throw error;
      }
    }
  };
  /** Once for all who wait for it in this process. */
  const refresh = (definition: UpstreamDefinition, key: GrantKey, old: Grant): Promise<Grant | null> => {
    const text = JSON.stringify(key);
    const running = refreshing.get(text);
    if (running) return running;
    const started = renewOnce(definition, key, old).finally(() => refreshing.delete(text));
    refreshing.set(text, started);
    return started;
  };

  return {
    async token(definition, who) {
      const key = grantKey(definition, who);
      const grant = await grantFor(definition, key);
      const { refreshAt = Infinity, expiresAt = Infinity } = grant;
      if (now() < refreshAt || (!grant.refreshToken && now() < expiresAt)) return grant.accessToken;
      let next: Grant | null;
      try {
        next = await refresh(definition, key, grant);
      } catch (error) {
        if (now() < expiresAt) return grant.accessToken; // its issuer is away, but it is still good
        throw issuerAway(definition, error);
      }
      if (!next) throw consentNeeded(definition, "ended");
      return next.accessToken;
    },
    async refused(definition, who, token) {
      const key = grantKey(definition, who);
      const grant = await grantFor(definition, key);
      if (grant.accessToken !== token) return true;
      const next = await refresh(definition, key, grant).catch((error: unknown) => {
        throw issuerAway(definition, error);
      });
      if (!next) throw consentNeeded(definition, "ended");
      return true;
    },
    async wantsMore(definition, who, scope) {
      await rows.change(grantKey(definition, who), async (grant) =>
        grant && scope ? { ...grant, wanted: [grant.wanted, scope].filter(Boolean).join(" ") } : undefined,
      );
      throw consentNeeded(definition, "more");
    },
  };
}

const scopeOf = ({ scope }: Grant) => (scope === undefined ? {} : { scope });

const issuerAway = (definition: UpstreamDefinition, cause: unknown) =>
  cause instanceof AppError
    ? cause
    : new AppError(
        "upstream",
        "upstream.auth",
        `The authorization server of ${definition.title} does not answer as it should; try again in a moment`,
        { extra: { mayHaveRun: false }, cause: withoutWords(cause) },
      );
