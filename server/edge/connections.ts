import type { IncomingMessage, ServerResponse } from "node:http";
import { apiRate } from "../features/accounts/index.ts";
import type { Deps } from "../features/deps.ts";
import { CONNECTIONS_PAGE, finishConnection, startConnection } from "../features/upstream-auth/index.ts";
import { authorise, type Actor } from "../kernel/actor.ts";
import { anticipated } from "../kernel/errors.ts";
import { CALLBACK_PATH, CLIENT_METADATA_PATH, clientDocument } from "../mcp/credentials/client-information.ts";
import { actorForSession } from "./actor.ts";

/** What belongs to authentication towards upstreams and is reached by browsers and by other servers. */
export interface ConnectionsEndpoint {
  /** Answers `/connections/…`, the JWKS and the client metadata document. False: the request is untouched. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

type ConnectionsDeps = Pick<Deps, "settings" | "db" | "sql" | "live" | "log" | "clock" | "credentials">;

const JWKS_PATH = "/.well-known/jwks.json";
const START = /^\/connections\/([a-z][a-z0-9_-]{0,31})\/start$/;
const STARTS_PER_MINUTE = 30;

/**
 * In front of Next. A person starts a consent, is sent to the issuer and comes back; both need the browser's own session,
 * and everything that goes wrong ends on the page of the connections, which says what.
 */
export function createConnections(deps: ConnectionsDeps): ConnectionsEndpoint {
  const { settings, credentials, log } = deps;
  const rate = apiRate(STARTS_PER_MINUTE);
  const documents: Record<string, object> = {
    [JWKS_PATH]: credentials.identity.jwks,
    [CLIENT_METADATA_PATH]: clientDocument(settings.publicUrl),
  };

  /** Runs `work` for whoever is signed in; whoever is not signs in first and comes back to where it was. */
  const withPerson = async (
    request: IncomingMessage,
    response: ServerResponse,
    work: (actor: Actor) => Promise<string>,
  ) => {
    const actor = await actorForSession(deps, headersOf(request));
    if (!actor) return goTo(response, `/sign-in?next=${encodeURIComponent(request.url ?? "/")}`);
    authorise(actor, "account.write");
    await rate(actor.userId);
    goTo(response, await work(actor));
  };
  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    upstream: string,
    work: (actor: Actor) => Promise<string>,
  ): true => {
    withPerson(request, response, work).catch((err: unknown) => {
      const known = anticipated(err);
      if (!known || known.kind === "bug") log.error({ err }, "connection to an upstream: failed by a mistake of ours");
      else log.info({ err, upstream }, "a connection to an upstream was not made");
      if (response.headersSent) return response.destroy();
      const query = new URLSearchParams({ problem: known?.code ?? "bug", ...(upstream && { upstream }) });
      goTo(response, `${CONNECTIONS_PAGE}?${query}`);
    });
    return true;
  };

  return {
    handle(request, response) {
      if (request.method !== "GET") return false;
      // Nothing is parsed as an address here: what is none (`//`) must not throw before anybody asked for anything.
      const [pathname = "", query = ""] = (request.url ?? "/").split("?", 2);
      const searchParams = new URLSearchParams(query);
      const document = Object.hasOwn(documents, pathname) ? documents[pathname] : undefined;
      if (document) return json(response, document);
      const [, upstream] = START.exec(pathname) ?? [];
      if ((upstream || pathname === CALLBACK_PATH) && request.headers["rsc"] !== undefined) return notAPage(response);
      if (upstream)
        return answer(request, response, upstream, async (actor) =>
          String(await startConnection(deps, actor, upstream, searchParams.get("returnTo"))),
        );
      if (pathname === CALLBACK_PATH)
        return answer(request, response, "", (actor) => finishConnection(deps, actor, searchParams));
      return false;
    },
  };
}

function goTo(response: ServerResponse, address: string): void {
  // The address that is left may hold a code: it is kept nowhere and given to nobody.
  response.writeHead(302, { Location: address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  response.end();
}

/** Next's own navigation, as after signing in, asks for a page in its own form; on this it lets the browser go there. */
function notAPage(response: ServerResponse): true {
  response.writeHead(404, { "Content-Type": "text/plain", "Cache-Control": "no-store" });
  response.end();
  return true;
}

function json(response: ServerResponse, body: object): true {
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
  });
  response.end(JSON.stringify(body));
  return true;
}

function headersOf({ headers }: IncomingMessage): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all.set(name, String(value));
  return all;
}
