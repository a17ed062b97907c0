import type { Actor } from "#server/kernel/actor.ts";
import { recordOf } from "#server/kernel/actor.ts";
import type { UpstreamAuth, UpstreamDefinition } from "#server/mcp/definition.ts";
import type { Exchange, Json, Target } from "#server/mcp/exchange.ts";
import { startAuthorizationServer, startProtectedUpstream } from "#tests/support/authorization-server.ts";
import { it as base, type World } from "#tests/support/world.ts";
import { createCredentials, type Credentials } from "./credentials.ts";
import { authRefused } from "./source.ts";

/** `it` with an authorization server and an upstream behind it, both of the test. */
export const it = base
  // oxlint-disable-next-line no-empty-pattern -- vitest demands the destructuring
  .extend("issuer", async ({}, { onCleanup }) => {
    const server = await startAuthorizationServer();
    onCleanup(server.close);
    return server;
  })
  .extend("upstream", async ({ issuer }, { onCleanup }) => {
    const server = await startProtectedUpstream(issuer);
    onCleanup(server.close);
    return server;
  });

/** A registered upstream of the workspace, or of all. */
export const upstreamWith = (
  name: string,
  url: string,
  auth: UpstreamAuth,
  workspaceId: string | null = null,
): UpstreamDefinition => ({
  id: `ups_${name}`,
  name,
  title: name.toUpperCase(),
  url,
  source: "admin",
  workspaceId,
  enabled: true,
  transport: { kind: "http" },
  auth,
  policy: { privateNetwork: true },
  pinning: "off",
});

/** Makes a request through the stage, over HTTP, as a connection does. */
export async function send(
  { stage }: Pick<Credentials, "stage">,
  definition: UpstreamDefinition,
  actor: Actor,
  more: { headers?: Record<string, string>; exchange?: Partial<Exchange> } = {},
): Promise<Json> {
  const exchange: Exchange = {
    caller: { actor: recordOf(actor), through: { kind: "program" } },
    method: "tools/call",
    params: { name: "echo", arguments: { b: 1, a: "x" } },
    capabilities: {},
    timeoutMs: 5_000,
    ...more.exchange,
  };
  const target: Target = { definition, headers: more.headers ?? {} };
  return stage(exchange, target, async ({ method, params }, { headers }) => {
    const response = await fetch(definition.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { status } = response;
    const body = (await response.json()) as { result: Json }; // of a test's upstream
    if (status === 401 || status === 403)
      throw authRefused(definition, { status, wwwAuthenticate: response.headers.get("www-authenticate") });
    return body.result;
  });
}

/** The credentials of another process on the same database, with a clock of its own. */
export const otherProcess = ({ deps }: World, now: () => Date = () => new Date()) =>
  createCredentials({ ...deps, clock: { now } });
