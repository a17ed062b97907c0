import { createHash, randomBytes } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Client {
  secret?: string;
  redirectUris: string[];
}
interface Code {
  client: string;
  challenge: string;
  redirectUri: string;
  resource: string;
  scope: string;
}
interface Family {
  client: string;
  resource: string;
  scope: string;
  ended: boolean;
}

/**
 * A small authorization server that takes nothing that OAuth 2.1 and RFC 8707, 9207 do not allow: every parameter is
 * checked, codes and refresh tokens are good once, and a refresh token that comes twice ends all that came from it.
 */
export interface AuthorizationServer {
  issuer: string;
  /** Requests by path, and what was sent to /token, in order. */
  counts: Map<string, number>;
  tokenRequests: { form: URLSearchParams; authorization: string | undefined }[];
  /** Seconds that access tokens are good for, as it says and as it holds. */
  lifeS: number;
  /** Held up before a token request is answered. */
  beforeToken: () => Promise<void>;
  /** Status that token requests are answered with instead. */
  tokenFails: number | undefined;
  /** What `iss` of the answer is; undefined: left out. */
  iss: string | undefined;
  register(id: string, client: Client): void;
  /** The person of the browser consents: answers the address that it is sent back to. */
  consent(authorizationUrl: URL): Promise<URL>;
  /** What a resource is told of a token; null: it is good for nothing. */
  introspect(token: string, resource: string): { scope: string } | null;
  revokeAll(): void;
  close(): Promise<void>;
}

const b64 = (bytes = 24) => randomBytes(bytes).toString("base64url");

export async function startAuthorizationServer({ dcr = true } = {}): Promise<AuthorizationServer> {
  const clients = new Map<string, Client>();
  const codes = new Map<string, Code>();
  const access = new Map<string, { family: Family; until: number; scope: string }>();
  const refresh = new Map<string, { family: Family; used: boolean }>();
  const server = http.createServer((request, response) => void handle(request, response));

  const issue = (family: Family) => {
    const [token, renew] = [`at_${b64()}`, `rt_${b64()}`];
    access.set(token, { family, until: Date.now() + self.lifeS * 1_000, scope: family.scope });
    refresh.set(renew, { family, used: false });
    return {
      access_token: token,
      token_type: "Bearer",
      expires_in: self.lifeS,
      refresh_token: renew,
      scope: family.scope,
    };
  };
  const clientOf = (request: IncomingMessage, form: URLSearchParams): [string, Client] => {
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const [id = "", secret] = basic
      ? Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent)
      : [form.get("client_id") ?? "", form.get("client_secret") ?? undefined];
    const client = clients.get(id);
    if (!client || client.secret !== secret) throw new Refusal(401, "invalid_client");
    return [id, client];
  };

  const token = (request: IncomingMessage, form: URLSearchParams) => {
    const [client] = clientOf(request, form);
    const grant = form.get("grant_type");
    if (grant === "authorization_code") {
      const code = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const digest = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (
        !code ||
        code.client !== client ||
        code.redirectUri !== form.get("redirect_uri") ||
        code.challenge !== digest ||
        code.resource !== form.get("resource")
      )
        throw new Refusal(400, "invalid_grant");
      return issue({ client, resource: code.resource, scope: code.scope, ended: false });
    }
    if (grant === "refresh_token") {
      const known = refresh.get(form.get("refresh_token") ?? "");
      if (!known || known.family.client !== client || known.family.ended) throw new Refusal(400, "invalid_grant");
      if (known.family.resource !== form.get("resource")) throw new Refusal(400, "invalid_target");
      if (known.used) {
        known.family.ended = true; // somebody else has it
        throw new Refusal(400, "invalid_grant");
      }
      known.used = true;
      return issue(known.family);
    }
    if (grant === "client_credentials") {
      const resource = form.get("resource");
      if (!resource) throw new Refusal(400, "invalid_target");
      const { refresh_token: _, ...rest } = issue({ client, resource, scope: form.get("scope") ?? "", ended: false });
      return rest;
    }
    throw new Refusal(400, "unsupported_grant_type");
  };

  const authorize = (query: URLSearchParams): URL => {
    const client = clients.get(query.get("client_id") ?? "");
    const redirectUri = query.get("redirect_uri") ?? "";
    if (!client?.redirectUris.includes(redirectUri)) throw new Refusal(400, "invalid_request");
    const back = new URL(redirectUri);
    const resource = query.get("resource");
    const right =
      query.get("response_type") === "code" &&
      query.get("code_challenge_method") === "S256" &&
      /^[\w-]{43}$/.test(query.get("code_challenge") ?? "") &&
      (query.get("state") ?? "").length >= 32 &&
      resource;
    if (!right) throw new Refusal(400, "invalid_request");
    const code = b64();
    codes.set(code, {
      client: query.get("client_id") ?? "",
      challenge: query.get("code_challenge") ?? "",
      redirectUri,
      resource,
      scope: query.get("scope") ?? "",
    });
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state") ?? "");
    if (self.iss !== undefined) back.searchParams.set("iss", self.iss);
    return back;
  };

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? "/", self.issuer);
    self.counts.set(url.pathname, (self.counts.get(url.pathname) ?? 0) + 1);
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { "Content-Type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    const body = await bodyOf(request);
    try {
      if (url.pathname === "/.well-known/oauth-authorization-server")
        return answer(200, {
          issuer: self.issuer,
          authorization_endpoint: `${self.issuer}/authorize`,
          token_endpoint: `${self.issuer}/token`,
          revocation_endpoint: `${self.issuer}/revoke`,
          ...(dcr && { registration_endpoint: `${self.issuer}/register` }),
          response_types_supported: ["code"],
          grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
          authorization_response_iss_parameter_supported: true,
          scopes_supported: ["offline_access"],
        });
      if (url.pathname === "/authorize") return answer(302, null, { Location: authorize(url.searchParams).href }); // whoever comes has consented
      if (url.pathname === "/register" && dcr) {
        const wanted = JSON.parse(body) as { redirect_uris: string[] }; // of a test
        const id = `client_${b64(8)}`;
        clients.set(id, { redirectUris: wanted.redirect_uris });
        return answer(201, { ...wanted, client_id: id });
      }
      if (url.pathname === "/token") {
        const form = new URLSearchParams(body);
        self.tokenRequests.push({ form, authorization: request.headers.authorization });
        await self.beforeToken();
        if (self.tokenFails) return answer(self.tokenFails, { error: "temporarily_unavailable" });
        return answer(200, token(request, form), { "Cache-Control": "no-store" });
      }
      if (url.pathname === "/revoke") {
        const form = new URLSearchParams(body);
        const known = refresh.get(form.get("token") ?? "");
        if (known) known.family.ended = true;
        return answer(200, {});
      }
      return answer(404, {});
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // A server that repeats what it was sent: whoever logs its words logs secrets.
      answer(error.status, { error: error.code, error_description: `refused: ${body}` });
    }
  }

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's
  const self: AuthorizationServer = {
    issuer,
    counts: new Map(),
    tokenRequests: [],
    lifeS: 3_600,
    beforeToken: () => Promise.resolve(),
    tokenFails: undefined,
    iss: issuer,
    register: (id, client) => void clients.set(id, client),
    async consent(authorizationUrl) {
      const response = await fetch(authorizationUrl, { redirect: "manual" });
      const location = response.headers.get("location");
      await response.body?.cancel();
      if (!location) throw new Error(`the authorization server refused: ${response.status}`);
      return new URL(location);
    },
    introspect(text, resource) {
      const known = access.get(text);
      if (!known || known.family.ended || known.until < Date.now() || known.family.resource !== resource) return null;
      return { scope: known.scope };
    },
    revokeAll() {
      access.clear();
      for (const { family } of refresh.values()) family.ended = true;
    },
    close: () => closed(server),
  };
  return self;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

const closed = (server: http.Server) =>
  new Promise<void>((done) => {
    server.closeAllConnections();
    server.close(() => done());
  });

/** An upstream behind it: answers each JSON-RPC request with the headers that it came with. */
export interface ProtectedUpstream {
  url: string;
  /** Who issues its tokens; may change. */
  issuer: AuthorizationServer;
  /** Scope that every call needs. */
  needs: string | undefined;
  /** Headers of the requests with credentials, in order. */
  seen: http.IncomingHttpHeaders[];
  /** Status that its metadata are answered with instead. */
  metadataFail: number | undefined;
  close(): Promise<void>;
}

export async function startProtectedUpstream(issuer: AuthorizationServer): Promise<ProtectedUpstream> {
  const server = http.createServer((request, response) => void handle(request, response));
  async function handle(request: IncomingMessage, response: ServerResponse) {
    const origin = new URL(self.url).origin;
    const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
    const answer = (status: number, body: unknown, challenge?: string) => {
      response.writeHead(status, {
        "Content-Type": "application/json",
        ...(challenge && { "WWW-Authenticate": `Bearer resource_metadata="${metadata}", ${challenge}` }),
      });
      response.end(JSON.stringify(body));
    };
    const body = await bodyOf(request);
    if (request.url === "/.well-known/oauth-protected-resource/mcp")
      return self.metadataFail
        ? answer(self.metadataFail, {})
        : answer(200, {
            resource: self.url,
            authorization_servers: [self.issuer.issuer],
            scopes_supported: ["plant.read"],
          });
    if (request.url !== "/mcp") return answer(404, {});
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token) self.seen.push(request.headers);
    const known = token && self.issuer.introspect(token, self.url);
    if (!known) return answer(401, {}, 'error="invalid_token"');
    if (self.needs && !known.scope.split(" ").includes(self.needs))
      return answer(403, {}, `error="insufficient_scope", scope="${self.needs}"`);
    const { id } = JSON.parse(body) as { id: number }; // of a test
    return answer(200, { jsonrpc: "2.0", id, result: { headers: request.headers } });
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const self: ProtectedUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, // a TCP server's
    issuer,
    needs: undefined,
    seen: [],
    metadataFail: undefined,
    close: () => closed(server),
  };
  return self;
}
