import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, type Provider } from "oidc-provider";
import type { Actor } from "../../kernel/actor.ts";
import { deriveKey, sameSecret } from "../../kernel/crypto.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { requirementOf } from "../../kernel/permissions.ts";
import { recordAudit } from "../audit/index.ts";
import { listWorkspaces } from "../workspaces/index.ts";
import { kindOfRedirect, shownName } from "./client-rules.ts";
import { DEFAULTED, type ProviderDeps } from "./provider.ts";
import { resourceOfUrl, resourceUrl, type ResourcePath } from "./resources.ts";
import { OAUTH_SCOPES, type ConsentView, type Decision, type OAuthScope } from "./schema.ts";

type ConsentDeps = ProviderDeps & { provider: Provider };
/** The browser's request, whose cookie holds what it began. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

const gone = () =>
  new AppError(
    "missing",
    "oauth.gone",
    "This request to connect an app has ended or is another browser's; start it again there",
  );

interface Asked {
  uid: string;
  clientId: string;
  clientName: string;
  /** The document that says who it is; null: it registered itself. */
  document: URL | null;
  redirectUri: string;
  /** As the client named it. */
  indicator: string;
  resource: ResourcePath;
  scopes: OAuthScope[];
  defaulted: boolean;
}

/** What this browser was sent here with. Throws `missing` where it began nothing of that id. */
async function find({ provider, settings }: ConsentDeps, { request, response }: Exchange, uid: string): Promise<Asked> {
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    throw error instanceof errors.SessionNotFound ? gone() : error;
  });
  if (interaction.uid !== uid) throw gone();
  const { client_id: id, redirect_uri: redirect, resource: named, scope, [DEFAULTED]: defaulted } = interaction.params;
  const indicator = typeof named === "string" ? named : resourceUrl(settings, "/mcp");
  const resource = resourceOfUrl(settings, indicator);
  const client = await provider.Client.find(String(id));
  if (!client || !resource) throw gone();
  const wanted = new Set(String(scope ?? "").split(" "));
  const document = client.clientIdMetadataDocument ? new URL(client.clientId) : null;
  return {
    uid,
    clientId: client.clientId,
    clientName: shownName(client.clientName, document?.host ?? "?"),
    document,
    redirectUri: String(redirect),
    indicator,
    resource,
    scopes: OAUTH_SCOPES.filter((one) => wanted.has(one)),
    defaulted: defaulted !== undefined,
  };
}

/** Only who was shown this page, signed in as they were then, can send it. */
function sealOf({ settings }: Pick<ProviderDeps, "settings">, actor: Actor, uid: string): string {
  const key = deriveKey(settings.jwtSecret, "oauth-consent");
  return createHmac("sha256", key).update(`${uid} ${actor.userId} ${actor.credentialId}`).digest("base64url");
}

/** What the consent page shows to whoever is signed in. Throws `missing` (`oauth.gone`). */
export async function viewConsent(
  deps: ConsentDeps,
  actor: Actor,
  exchange: Exchange,
  uid: string,
): Promise<ConsentView> {
  const asked = await find(deps, exchange, uid);
  const redirect = kindOfRedirect(asked.redirectUri);
  const workspaces = await listWorkspaces(deps, actor);
  return {
    uid,
    seal: sealOf(deps, actor, uid),
    person: { name: actor.name, email: actor.email },
    client: {
      name: asked.clientName,
      kind: asked.document ? "document" : "registered",
      host: asked.document?.host ?? (redirect.kind === "site" ? redirect.host : null),
      redirect,
    },
    server: serverOf(asked.resource),
    scopes: asked.scopes.map((scope) => {
      const { atLeast, access } = requirementOf(scope);
      const required = scope === "mcp.use";
      const writes = access === "write" && !required; // being connected changes nothing
      // OAUTH_SCOPES holds no permission that a role in a workspace does not give
      return { scope, writes, atLeast: atLeast as "viewer", ticked: !(writes && asked.defaulted), required };
    }),
    workspaces: workspaces.map(({ id, name, role, current }) => ({ id, name, role, current })),
  };
}

const serverOf = (resource: ResourcePath) => (resource === "/mcp" ? null : resource.slice("/mcp/servers/".length));

/**
 * What the person decided; answers where the browser goes on. Allowed is what was asked for and ticked, in a workspace
 * of the person. Throws `missing` for a request that ended and for a workspace of others, `oauth.seal` (403) for a form
 * that was not shown to this person in this sign-in.
 */
export async function decideConsent(
  deps: ConsentDeps,
  actor: Actor,
  exchange: Exchange,
  uid: string,
  decision: Decision,
): Promise<string> {
  const { provider } = deps;
  const asked = await find(deps, exchange, uid);
  if (!sameSecret(decision.seal, sealOf(deps, actor, uid)))
    throw new AppError(
      "forbidden",
      "oauth.seal",
      "This page was shown to somebody else; load it again and decide then",
    );
  const { request, response } = exchange;
  const audited = { client: asked.clientId.slice(0, 200), name: asked.clientName, resource: asked.resource };
  if (decision.decision === "deny") {
    await recordAudit(deps.db, {
      at: deps.clock.now(),
      actor,
      action: "oauth.deny",
      outcome: "refused",
      detail: audited,
    });
    const denied = { error: "access_denied", error_description: "The person did not allow it" };
    return provider.interactionResult(request, response, denied, { mergeWithLastSubmission: false });
  }
  const grantId = await allow(deps, actor, asked, decision, audited);
  const result = { login: { accountId: actor.userId, remember: false }, consent: { grantId }, select_account: {} };
  return provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
}

async function allow(
  deps: ConsentDeps,
  actor: Actor,
  asked: Asked,
  { workspaceId, scopes: ticked, days }: Decision,
  audited: Record<string, string>,
): Promise<string> {
  const { db, clock, provider } = deps;
  const { userId } = actor;
  const place = (await listWorkspaces(deps, actor)).find(({ id }) => id === (workspaceId ?? actor.workspaceId));
  if (!place) throw missing("workspace");
  const scopes = asked.scopes.filter((one) => one === "mcp.use" || ticked.includes(one));
  // The provider's types leave this property of all its tokens out.
  const grant = Object.assign(new provider.Grant({ accountId: userId, clientId: asked.clientId }), {
    expiresIn: days * 86_400,
  });
  grant.addResourceScope(asked.indicator, scopes.join(" "));
  const grantId = await grant.save();
  const at = clock.now();
  await db.$transaction(async (tx) => {
    await tx.oAuthRecord.create({
      data: {
        model: "App",
        id: grantId,
        grantId,
        userId,
        payload: {
          workspaceId: place.id,
          clientId: asked.clientId,
          name: asked.clientName,
          host: asked.document?.host ?? null,
          redirectUri: asked.redirectUri,
          resource: asked.resource,
          scopes,
        } satisfies AppPayload,
        createdAt: at,
        expiresAt: new Date(at.getTime() + days * 86_400_000),
      },
    });
    const inIt = { ...actor, workspaceId: place.id, role: place.role };
    await recordAudit(tx, {
      at,
      actor: inIt,
      action: "oauth.allow",
      subject: grantId,
      detail: { ...audited, scopes, days },
    });
  });
  return grantId;
}

/** What is kept of a connected app, in the row `App` of its grant; `lastUsedAt` is added by use. */
export interface AppPayload {
  workspaceId: string;
  clientId: string;
  name: string;
  host: string | null;
  redirectUri: string;
  resource: ResourcePath;
  scopes: OAuthScope[];
  lastUsedAt?: string;
}
