import type { IncomingMessage, ServerResponse } from "node:http";
import { apiRate } from "../features/accounts/index.ts";
import type { Deps } from "../features/deps.ts";
import {
  createProvider,
  decideConsent,
  DEFAULTED,
  describedResource,
  describeResource,
  fetchDocument,
  hasRoomForClient,
  METADATA_PATH,
  ROUTES,
  viewConsent,
  type FetchDocument,
} from "../features/oauth/index.ts";
import { Decision, OAUTH_SCOPES, type ConsentView } from "../features/oauth/schema.ts";
import type { Actor } from "../kernel/actor.ts";
import { anticipated, AppError, STATUS } from "../kernel/errors.ts";
import { actorForSession } from "./actor.ts";
import { requestOfCookies } from "./oauth-request.ts";
import { ipOf } from "./request-context.ts";
import { refuseForeignOrigin } from "./session-cookie.ts";

/** The authorization server for MCP clients. */
export interface OAuthEndpoint {
  /** Answers what is its own: `/oauth/…` and the well-known documents. False: the request is untouched. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** What the consent page shows; null: the request has ended, or it is another browser's. */
  consent(actor: Actor, headers: Headers, uid: string): Promise<ConsentView | null>;
}

type OAuthDeps = Pick<Deps, "db" | "sql" | "live" | "clock" | "settings" | "log">;

const PER_MINUTE = { register: 10, documents: 30, all: 240 };
const MAX_FORM_BYTES = 16 * 1024;
const CONSENT = /^\/oauth\/consent\/([\w-]{1,64})$/;
const OF_PROVIDER = new Set<string>([METADATA_PATH, ...Object.values(ROUTES)]);
const RESUMED = /^\/oauth\/authorize\/[\w-]{1,64}$/;
const PAGE = /^\/oauth\/(consent\/[\w-]{1,64}|error)$/;
/** For pages that ask for a decision: no frame, no cache, no address given to others. */
const PAGE_HEADERS = {
  "X-Frame-Options": "DENY",
  "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
  "Referrer-Policy": "same-origin",
  "Cache-Control": "no-store",
};
/** Documents and the endpoints that programs ask: no cookie counts there, so pages of any site may read them. */
const ANY_SITE = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
  "Access-Control-Allow-Headers": "Content-Type, Authorization, MCP-Protocol-Version",
  "Access-Control-Max-Age": "3600",
};

/** Answers requests as Node's HTTP server gives them, in front of Next. `fetch`: how clients' documents are got. */
export function createOAuth(deps: OAuthDeps, options: { fetch?: FetchDocument } = {}): OAuthEndpoint {
  const { settings, log } = deps;
  const rates = {
    register: apiRate(PER_MINUTE.register),
    documents: apiRate(PER_MINUTE.documents),
    all: apiRate(PER_MINUTE.all),
  };
  const provider = createProvider(deps, {
    fetch: options.fetch ?? fetchDocument({ allow: settings.allowPrivateHosts }),
    mayFetch: (ctx) =>
      rates.documents(addressOf(ctx.req)).then(
        () => true,
        () => false,
      ),
  });
  const answer = provider.callback();
  const { protocol: scheme, host } = new URL(settings.publicUrl);
  const sessionCookie = provider.cookieName("session");

  async function protocol(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    await rates.all(addressOf(request));
    if (path === ROUTES.registration && request.method === "POST") {
      await rates.register(addressOf(request));
      if (!(await hasRoomForClient(deps))) throw full();
    }
    if (path === ROUTES.authorization) request.url = withScopes(request.url ?? "/");
    // What the provider believes of the way here, and of its own sign-in, comes from nobody but us: the addresses that
    // it gives are those of the public one, whatever `Host` a client or a proxy sends.
    request.headers["x-forwarded-proto"] = scheme.slice(0, -1);
    request.headers["x-forwarded-host"] = host;
    request.headers.cookie = without(request.headers.cookie ?? "", sessionCookie);
    await answer(request, response);
  }

  async function decide(request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
    const headers = headersOf(request);
    refuseForeignOrigin(settings, { method: "POST", headers });
    const actor = await actorForSession(deps, headers);
    if (!actor) return goTo(response, `/sign-in?next=${encodeURIComponent(`/oauth/consent/${uid}`)}`);
    const form = Decision.safeParse(await readForm(request));
    if (!form.success) throw new AppError("invalid", "oauth.form", "The form is not one of the consent page");
    goTo(response, await decideConsent({ ...deps, provider }, actor, { request, response }, uid, form.data));
  }

  const run = (response: ServerResponse, work: Promise<void>, failed: (error: AppError) => void) => {
    work.catch((err: unknown) => {
      const known = anticipated(err);
      if (!known) log.error({ err }, "OAuth: failed by a mistake of ours");
      if (response.headersSent) return response.destroy();
      failed(known ?? new AppError("bug", "server_error", "A mistake in the gateway"));
    });
    return true;
  };

  return {
    handle(request, response) {
      const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
      const method = request.method ?? "GET";
      const resource = describedResource(path);
      if (resource) {
        if (method === "OPTIONS") return preflight(response);
        if (method !== "GET" && method !== "HEAD") return false;
        return json(response, 200, describeResource(settings, resource, request.headers.host));
      }
      if (OF_PROVIDER.has(path) || RESUMED.test(path)) {
        if (method === "OPTIONS") return preflight(response);
        const forPrograms = path !== ROUTES.authorization && !RESUMED.test(path);
        if (path === ROUTES.registration) response.setHeader("Access-Control-Allow-Origin", "*");
        return run(response, protocol(request, response, path), (error) =>
          forPrograms || !wantsPage(request) ? refuse(response, error) : goTo(response, errorPage(error)),
        );
      }
      const [, uid] = (method === "POST" && CONSENT.exec(path)) || [];
      if (uid) return run(response, decide(request, response, uid), (error) => goTo(response, errorPage(error)));
      if (PAGE.test(path)) for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
      return false;
    },
    async consent(actor, headers, uid) {
      try {
        return await viewConsent({ ...deps, provider }, actor, requestOfCookies(headers), uid);
      } catch (error) {
        if (error instanceof AppError && error.code === "oauth.gone") return null;
        throw error;
      }
    },
  };
}

const full = () =>
  new AppError("unavailable", "temporarily_unavailable", "Too many clients have registered; try again later", {
    retryAfter: 600,
  });

/**
 * Without scopes of ours in it, a request is for whatever there is, and the person ticks. `mcp.use` is always asked for:
 * without it nothing else could be used.
 */
function withScopes(target: string): string {
  const url = new URL(target, "http://here.invalid");
  const given = (url.searchParams.get("scope") ?? "").split(" ").filter(Boolean);
  const ours = given.filter((scope) => OAUTH_SCOPES.some((one) => one === scope));
  const wanted = ours.length > 0 ? ["mcp.use", ...ours] : OAUTH_SCOPES;
  url.searchParams.delete(DEFAULTED);
  if (ours.length === 0) url.searchParams.set(DEFAULTED, "1");
  if (url.searchParams.getAll("scope").length < 2) url.searchParams.set("scope", [...new Set(wanted)].join(" "));
  return url.pathname + url.search;
}

/** The cookies but for one and its signature. */
const without = (cookies: string, name: string): string =>
  cookies
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => !pair.startsWith(`${name}=`) && !pair.startsWith(`${name}.sig=`))
    .join("; ");

const headersOf = ({ headers }: IncomingMessage): Headers =>
  new Headers(Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));

const addressOf = (request: IncomingMessage): string => ipOf(headersOf(request));
const wantsPage = ({ headers }: IncomingMessage) => String(headers.accept ?? "").includes("text/html");
const errorPage = ({ code }: AppError) => `/oauth/error?code=${encodeURIComponent(code)}`;

async function readForm(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) throw new AppError("large", "request.large", "The form is too large");
  }
  const form = new URLSearchParams(text);
  const scopes = form.getAll("scopes");
  return { ...Object.fromEntries([...form].filter(([name]) => name !== "scopes")), scopes };
}

function goTo(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...PAGE_HEADERS, Location: location, "Content-Length": "0" }).end();
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): true {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...ANY_SITE,
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(text)),
    "Cache-Control": status === 200 ? "public, max-age=300" : "no-store",
    ...headers,
  });
  response.end(text);
  return true;
}

function preflight(response: ServerResponse): true {
  response.writeHead(204, ANY_SITE).end();
  return true;
}

/** As RFC 6749 writes errors. */
function refuse(response: ServerResponse, { kind, code, message, hints }: AppError): void {
  const error = kind === "limited" ? "temporarily_unavailable" : code === "database.away" ? "server_error" : code;
  const retry = hints.retryAfter === undefined ? {} : { "Retry-After": String(Math.ceil(hints.retryAfter)) };
  json(response, STATUS[kind], { error, error_description: message }, { ...hints.headers, ...retry });
}
