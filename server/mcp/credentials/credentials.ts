import type { FetchLike } from "@modelcontextprotocol/client";
import type { Clock } from "../../kernel/clock.ts";
import type { Rows } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Live } from "../../kernel/live.ts";
import type { Log } from "../../kernel/log.ts";
import type { Settings } from "../../kernel/settings.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Stage, Viewer } from "../exchange.ts";
import { guardedFetch, type GuardedFetch } from "../upstream/guarded-fetch.ts";
import type { Vault } from "../vault.ts";
import { createAuthorization, type Authorization } from "./authorization.ts";
import { clientDocument } from "./client-information.ts";
import { createClientTokens } from "./client-credentials.ts";
import { createCredentialRows, type CredentialRows } from "./credential-rows.ts";
import { consentNeeded, createGrants } from "./grants.ts";
import { createIdentity, type Identity } from "./identity.ts";
import { challengeFrom, discoverIssuer, paramsOf, type Issuer } from "./oauth-discovery.ts";
import type { CredentialSource } from "./source.ts";
import { createCredentialStage } from "./stage.ts";

/** All that proves towards upstreams who asks, of one process. */
export interface Credentials extends CredentialSource {
  readonly stage: Stage;
  readonly identity: Identity;
  readonly authorization: Authorization;
  readonly rows: CredentialRows;
  /** The issuer of an upstream; found anew every ten minutes. Throws `upstream.auth`. */
  issuerOf(definition: UpstreamDefinition): Promise<Issuer>;
  /** For what is asked of an upstream's authorization server; judges addresses as for the upstream itself. */
  fetchFor(definition: UpstreamDefinition): FetchLike;
  close(): Promise<void>;
}

interface Options {
  settings: Pick<Settings, "jwtSecret" | "publicUrl" | "allowPrivateHosts">;
  vault: Vault;
  db: Rows;
  live: Pick<Live, "subscribe" | "onGap" | "publishIn">;
  clock: Clock;
  log: Log;
  /** Address of the gateway's client metadata document, if it is another than the one it serves itself. */
  clientId?: string;
}

const ISSUER_MS = 10 * 60_000;
const TIMEOUTS = { connectMs: 3_000, timeoutMs: 10_000 };

export function createCredentials(options: Options): Credentials {
  const { settings, vault, db, live, clock, log } = options;
  const { publicUrl, jwtSecret, allowPrivateHosts: allow } = settings;
  const outside = guardedFetch({ allow, ...TIMEOUTS });
  const inside = guardedFetch({ allow, privateNetwork: true, ...TIMEOUTS });
  const fetches = { outside: native(outside), inside: native(inside) };
  const fetchFor = ({ policy }: UpstreamDefinition) => (policy.privateNetwork ? fetches.inside : fetches.outside);
  const rows = createCredentialRows({ db, live, vault, clock });

  const issuers = new Map<string, { url: string; until: number; issuer: Promise<Issuer> }>();
  const issuerOf = (definition: UpstreamDefinition): Promise<Issuer> => {
    const { id, url } = definition;
    const now = clock.now().getTime();
    const known = issuers.get(id);
    if (known && known.url === url && now < known.until) return known.issuer;
    const fetch = fetchFor(definition);
    const issuer = challengeFrom(definition, fetch).then((challenge) =>
      discoverIssuer(definition, fetch, paramsOf(challenge).resourceMetadataUrl),
    );
    issuers.set(id, { url, until: now + ISSUER_MS, issuer });
    // One that was guessed, because the upstream did not name one, may be of a bad moment.
    const forget = () => issuers.get(id)?.issuer === issuer && issuers.delete(id);
    issuer.then(({ resource }) => resource === undefined && forget(), forget);
    return issuer;
  };
  const grants = createGrants({ rows, vault, clock, log, fetchFor, issuerOf });
  const clientTokens = createClientTokens({ rows, vault, clock, fetchFor, issuerOf });
  const useOf = ({ name }: UpstreamDefinition, who: Viewer | null) => ({
    userId: who?.userId ?? null,
    purpose: `upstream:${name}`,
  });

  const source: CredentialSource = {
    async headersFor(definition, who) {
      const { auth } = definition;
      const use = useOf(definition, who);
      switch (auth.kind) {
        case "none":
          return {};
        case "bearer":
          return bearer(await vault.resolve(definition, auth.token, use));
        case "header":
          return { [auth.header]: headerValue(await vault.resolve(definition, auth.value, use)) };
        case "oauth-client":
          return bearer(await clientTokens.token(definition, auth, use));
        case "oauth-user":
          if (!who) throw consentNeeded(definition, "none");
          return bearer(await grants.token(definition, who));
      }
    },
    async refused(definition, who, challenge, sent) {
      const { auth } = definition;
      const token = sent["Authorization"]?.replace(/^Bearer /, "") ?? "";
      const { error, scope } = paramsOf(challenge);
      const wantsMore = challenge.status === 403 && error === "insufficient_scope";
      if (challenge.status === 403 && !wantsMore) return false;
      if (auth.kind === "oauth-client") {
        clientTokens.refused(definition, token, scope);
        return true;
      }
      if (auth.kind !== "oauth-user" || !who) return false;
      // Whoever refuses may have another issuer by now.
      issuers.delete(definition.id);
      return wantsMore ? grants.wantsMore(definition, who, scope) : grants.refused(definition, who, token);
    },
  };
  const identity = createIdentity({ jwtSecret, publicUrl, clock });

  return {
    ...source,
    stage: createCredentialStage({ source, identity }),
    identity,
    authorization: createAuthorization({
      db,
      rows,
      vault,
      clock,
      publicUrl,
      fetchFor,
      clientId: options.clientId ?? clientDocument(publicUrl).client_id,
    }),
    rows,
    issuerOf,
    fetchFor,
    async close() {
      rows.close();
      await Promise.all([outside.close(), inside.close()]);
    },
  };
}

/** A secret that was pasted with a line break is meant without it. What cannot be in a header is not shown either. */
function headerValue(value: string): string {
  const text = value.trim();
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text;
  throw new AppError("unprocessable", "secret.header", "The secret holds characters that no HTTP header can carry");
}
const bearer = (token: string) => ({ Authorization: `Bearer ${headerValue(token)}` });

const WITHOUT_BODY = new Set([204, 205, 304]);

/** The protocol's package asks whether an answer is a `Response` of this Node; that of undici's own fetch is another. */
const native =
  (fetch: GuardedFetch): FetchLike =>
  async (url, init) => {
    const response = await fetch(url, init);
    const text = await response.text();
    const { status, statusText } = response;
    return new Response(WITHOUT_BODY.has(status) ? null : text, { status, statusText, headers: [...response.headers] });
  };
