import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { encode } from "next-auth/jwt";
import { actorForRequest, actorForSession } from "#server/edge/actor.ts";
import { createOAuth } from "#server/edge/oauth.ts";
import { PEER_HEADER } from "#server/edge/request-context.ts";
import { cookieName, cookieSecret } from "#server/edge/session-cookie.ts";
import type { Deps } from "#server/features/deps.ts";
import { challenge, resourceOfPath, type FetchDocument } from "#server/features/oauth/index.ts";
import type { ConsentView } from "#server/features/oauth/schema.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { newId } from "#server/kernel/ids.ts";
import { it as base } from "./world.ts";

export interface OAuthGateway {
  url: string;
  deps: Deps;
  /** A browser in which this person is signed in; null: nobody. */
  browser(person: Actor | null): Promise<Browser>;
  close(): Promise<void>;
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => boolean;

/**
 * The authorization server on a port of its own, in front of a page that tells what it would show as JSON, and of
 * protected resources below /mcp that answer who came, where `serve` does not answer them. `ip`: whom requests seem to
 * come from.
 */
export async function createOAuthGateway(
  base: Deps,
  {
    fetch,
    serve: serveFirst,
    ip = () => "203.0.113.9",
  }: { fetch?: FetchDocument; serve?: (deps: Deps) => Handler; ip?: () => string } = {},
): Promise<OAuthGateway> {
  const server = http.createServer((request, response) => void serve(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const url = `http://127.0.0.1:${port}`;
  const deps: Deps = { ...base, settings: { ...base.settings, publicUrl: url, port } };
  const oauth = createOAuth(deps, fetch ? { fetch } : {});
  const first = serveFirst?.(deps);

  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    request.headers[PEER_HEADER] = ip();
    if (oauth.handle(request, response) || first?.(request, response)) return;
    const say = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
    const headers = new Headers(request.headers as Record<string, string>); // no test sends one twice
    const { pathname } = new URL(request.url ?? "/", url);
    const uid = /^\/oauth\/consent\/([\w-]+)$/.exec(pathname)?.[1];
    if (uid) {
      const actor = await actorForSession(deps, headers);
      if (!actor) return void say(401, {});
      const view = await oauth.consent(actor, headers, uid);
      return void say(view ? 200 : 404, view);
    }
    const resource = resourceOfPath(pathname);
    if (!resource) return void say(404, {});
    try {
      say(200, await actorForRequest(deps, { headers, method: "POST" }, { resource }));
    } catch (error) {
      const known = error instanceof AppError ? error : null;
      const error_ = known?.code === "auth.missing" ? {} : ({ error: "invalid_token" } as const);
      say(
        known ? 401 : 500,
        { code: known?.code },
        { "WWW-Authenticate": challenge(deps.settings, resource, request.headers.host, error_) },
      );
    }
  }

  return {
    url,
    deps,
    async browser(person) {
      const browser = new Browser(url);
      if (!person) return browser;
      const at = deps.clock.now();
      const session = await deps.db.authSession.create({
        data: {
          id: newId("ses"),
          userId: person.userId,
          workspaceId: person.workspaceId,
          kind: "browser",
          createdAt: at,
          lastSeenAt: at,
          expiresAt: new Date(at.getTime() + 86_400_000),
        },
      });
      const token = { sub: person.userId, sid: session.id };
      const value = await encode({ token, secret: cookieSecret(deps.settings), maxAge: 86_400 });
      browser.setCookie(`${cookieName(deps.settings, "session")}=${value}; path=/`, "/");
      return browser;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Cookies by path, redirects in its own hands, and the headers that browsers send by themselves. */
export class Browser {
  readonly url: string;
  readonly cookies = new Map<string, { path: string; value: string }>();

  constructor(url: string) {
    this.url = url;
  }

  setCookie(line: string, requestPath: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const path = attribute("path") ?? requestPath.replace(/\/[^/]*$/, "");
    const expires = attribute("expires");
    if (value === "" || (expires && Date.parse(expires) < Date.now())) this.cookies.delete(`${name} ${path}`);
    else this.cookies.set(`${name} ${path}`, { path, value });
  }

  async go(target: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(target, this.url);
    const sent = [...this.cookies].filter(
      ([, { path }]) => url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`),
    );
    const headers = new Headers({ accept: "text/html", ...(init.headers as Record<string, string>) }); // plain objects only
    headers.set("cookie", sent.map(([key, { value }]) => `${key.split(" ")[0]}=${value}`).join("; "));
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.setCookie(line, url.pathname);
    return response;
  }

  /** To the authorization endpoint; answers where it sends the browser. */
  async authorize(params: Record<string, string>): Promise<URL> {
    const response = await this.go(`/oauth/authorize?${new URLSearchParams(params)}`);
    return new URL(response.headers.get("location") ?? "about:blank", this.url);
  }

  /** What the consent page shows. */
  async view(page: URL): Promise<ConsentView> {
    const response = await this.go(page.pathname);
    if (response.status !== 200) throw new Error(`the consent page answers ${response.status}`);
    return (await response.json()) as ConsentView;
  }

  /** Sends the form and follows to where the client gets its answer. */
  async decide(
    view: ConsentView,
    form: { decision?: "allow" | "deny"; workspaceId?: string; scopes?: string[]; days?: number; seal?: string } = {},
    headers: Record<string, string> = { origin: this.url },
  ): Promise<URL> {
    const {
      decision = "allow",
      scopes = view.scopes.map(({ scope }) => scope),
      seal = view.seal,
      workspaceId,
      days,
    } = form;
    const body = new URLSearchParams({
      decision,
      seal,
      ...(workspaceId ? { workspaceId } : {}),
      ...(days ? { days: String(days) } : {}),
    });
    for (const scope of scopes) body.append("scopes", scope);
    const answered = await this.go(`/oauth/consent/${view.uid}`, { method: "POST", body, headers });
    let next = new URL(answered.headers.get("location") ?? "about:blank", this.url);
    if (next.pathname.startsWith("/oauth/authorize/")) {
      const resumed = await this.go(next.pathname);
      next = new URL(resumed.headers.get("location") ?? "about:blank", this.url);
    }
    return next;
  }
}

/** PKCE as a client makes it. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** `it` with a gateway for the file. Each request comes from another address: the limits have tests of their own. */
export const it = base.extend<{ $file: { gateway: OAuthGateway } }>({
  gateway: [
    async ({ world }, use) => {
      let address = 0;
      const gateway = await createOAuthGateway(world.deps, { ip: () => `198.51.100.${++address % 250}` });
      await use(gateway);
      await gateway.close();
    },
    { scope: "file" },
  ],
});
