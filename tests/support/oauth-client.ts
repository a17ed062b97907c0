import type { Actor } from "#server/kernel/actor.ts";
import { pkce, type OAuthGateway } from "./oauth-gateway.ts";

/** What an MCP client does, request by request, so that tests can do each of them wrong. */
export const REDIRECT = "http://localhost:1234/callback";

export interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
  error?: string;
}

export async function register(gateway: OAuthGateway, more: Record<string, unknown> = {}) {
  const response = await fetch(`${gateway.url}/oauth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      client_name: "Inspector",
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      ...more,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

export const clientId = async (gateway: OAuthGateway) => (await register(gateway)).body["client_id"] ?? "";

export const ask = (
  gateway: OAuthGateway,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) => fetch(`${gateway.url}${path}`, { method: "POST", body: new URLSearchParams(form), headers });

export async function tokenRequest(gateway: OAuthGateway, form: Record<string, string>) {
  const response = await ask(gateway, "/oauth/token", form);
  return { status: response.status, body: (await response.json()) as Tokens };
}

/** What a client sends to the authorization endpoint. */
export const request = (client: string, challenge: string, more: Record<string, string> = {}) => ({
  client_id: client,
  redirect_uri: REDIRECT,
  response_type: "code",
  code_challenge: challenge,
  code_challenge_method: "S256",
  state: "state-1",
  ...more,
});

/** A code that a person allowed. */
export async function code(
  gateway: OAuthGateway,
  person: Actor,
  { client, scopes, more = {} }: { client?: string; scopes?: string[]; more?: Record<string, string> } = {},
) {
  const id = client ?? (await clientId(gateway));
  const { verifier, challenge } = pkce();
  const browser = await gateway.browser(person);
  const view = await browser.view(await browser.authorize(request(id, challenge, more)));
  const back = await browser.decide(view, scopes ? { scopes } : {});
  const exchange = {
    grant_type: "authorization_code",
    code: back.searchParams.get("code") ?? "",
    redirect_uri: REDIRECT,
    client_id: id,
    code_verifier: verifier,
  };
  return { id, back, exchange, view, browser };
}

/** An app that a person connected. */
export async function connect(gateway: OAuthGateway, person: Actor, options: Parameters<typeof code>[2] = {}) {
  const allowed = await code(gateway, person, options);
  const { status, body } = await tokenRequest(gateway, allowed.exchange);
  if (status !== 200) throw new Error(`no token: ${JSON.stringify(body)}`);
  return { ...allowed, tokens: body };
}

export const use = async (gateway: OAuthGateway, token: string, path = "/mcp") => {
  const response = await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
  });
  const body = (await response.json()) as Partial<Actor> & { code?: string };
  return { status: response.status, challenge: response.headers.get("www-authenticate"), body };
};

export const refresh = (gateway: OAuthGateway, id: string, token: string, more: Record<string, string> = {}) =>
  tokenRequest(gateway, { grant_type: "refresh_token", client_id: id, refresh_token: token, ...more });
