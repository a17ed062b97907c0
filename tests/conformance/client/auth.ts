import { randomUUID } from "node:crypto";
import pino from "pino";
import { createVault } from "#server/features/secrets/index.ts";
import { systemClock } from "#server/kernel/clock.ts";
import { openDatabase } from "#server/kernel/db.ts";
import { AppError } from "#server/kernel/errors.ts";
import { openLive } from "#server/kernel/live.ts";
import { createAuditWriter } from "#server/mcp/audit.ts";
import { createToolGateway } from "#server/mcp/create-gateway.ts";
import { createCredentials, type Credentials } from "#server/mcp/credentials/credentials.ts";
import type { UpstreamAuth, UpstreamDefinition } from "#server/mcp/definition.ts";
import type { Caller } from "#server/mcp/exchange.ts";
import type { ToolGateway } from "#server/mcp/gateway.ts";
import type { Scenario } from "./client-run.ts";

/** What the suite tells of a scenario beside the address: a client that is known to the issuer. */
interface AuthContext {
  client_id?: string;
  client_secret?: string;
}

const PUBLIC_URL = "https://conformance-test.local";
/** The suite's own name of the client's metadata document. */
const CLIENT_ID = `${PUBLIC_URL}/client-metadata.json`;
/** How often a person consents to one call before they give up. */
const PATIENCE = 3;
const CALLS = 2;
/** The suite runs all scenarios at once, each with a process of its own. */
const LONG_MS = 25_000;
const SECRET = "CONFORMANCE_SECRET";

const caller: Caller = {
  actor: { userId: "usr_conformance", name: "Cora", workspaceId: "wsp_conformance", role: "admin", via: "session" },
  through: { kind: "program" },
};

/**
 * A scenario `auth/…` of the suite through the gateway: a person calls the upstream's tools, and consents whenever the
 * gateway says that they have to. `databaseUrl`: a migrated database. Throws what the last call threw.
 */
export const authScenario =
  (scenario: string, databaseUrl: string): Scenario =>
  ({ url, context }) =>
    run(scenario, url, databaseUrl, context); // as the suite's documentation says

async function run(scenario: string, serverUrl: string, databaseUrl: string, context: AuthContext): Promise<void> {
  const log = pino({ level: "silent" });
  const { rows: db, sql, close } = openDatabase(databaseUrl, { connections: 3 });
  const live = await openLive({ url: databaseUrl, sql, log });
  const settings = {
    jwtSecret: "a secret of tests that is long enough",
    publicUrl: PUBLIC_URL,
    allowPrivateHosts: ["127.0.0.0/8", "::1/128"],
  };
  const vault = createVault({ settings, db, live, log, clock: systemClock });
  const credentials = createCredentials({ settings, db, live, log, vault, clock: systemClock, clientId: CLIENT_ID });
  const definition: UpstreamDefinition = {
    id: `ups_${randomUUID()}`,
    name: "conformance",
    title: "Conformance",
    url: serverUrl,
    source: "admin",
    workspaceId: `wsp_${randomUUID()}`,
    enabled: true,
    transport: { kind: "http" },
    auth: authOf(scenario, context),
    policy: { privateNetwork: true },
    pinning: "off",
  };
  const actor = { ...caller.actor, workspaceId: definition.workspaceId ?? "" };
  if (context.client_secret)
    await vault.store.put(
      actor.workspaceId,
      { name: SECRET, value: context.client_secret, description: undefined, byId: actor.userId },
      async () => undefined,
    );
  const gateway = createToolGateway({
    upstreams: { load: async () => [definition], onChange: () => () => undefined },
    audit: createAuditWriter({ sql, log, clock: systemClock }),
    log,
    clock: systemClock,
    defaultTimeoutMs: LONG_MS,
    pace: { connectMs: LONG_MS, listMs: LONG_MS },
    version: "1.0.0",
    stages: [credentials.stage],
    credentials,
    vault,
    dial: { allow: settings.allowPrivateHosts },
  });
  try {
    // The second one comes when the first has been answered: some upstreams change their mind in between.
    for (let call = 0; call < CALLS; call++)
      await consenting(credentials, definition, actor, () => callATool(gateway, definition, { ...caller, actor }));
  } finally {
    await gateway.close();
    await credentials.close();
    await vault.close();
    await live.close();
    await close();
  }
}

const authOf = (scenario: string, { client_id: clientId, client_secret: secret }: AuthContext): UpstreamAuth =>
  scenario.startsWith("auth/client-credentials")
    ? { kind: "oauth-client", clientId: clientId ?? "", clientSecret: `\${${SECRET}}` }
    : {
        kind: "oauth-user",
        ...(clientId && { clientId }),
        ...(secret && { clientSecret: `\${${SECRET}}` }),
      };

async function callATool(gateway: ToolGateway, { name }: UpstreamDefinition, caller: Caller): Promise<void> {
  const { tools } = await gateway.offer(caller.actor, name);
  const [tool] = tools;
  if (!tool) return;
  const params = { name: tool.listed.name, arguments: {} };
  await gateway.exchange(name, { caller, method: "tools/call", params, capabilities: {}, timeoutMs: LONG_MS });
}

/** Does it, and consents in between as a person in their browser does. */
async function consenting(
  { authorization }: Credentials,
  definition: UpstreamDefinition,
  who: Caller["actor"],
  work: () => Promise<void>,
): Promise<void> {
  for (let consents = 0; ; consents++) {
    try {
      return await work();
    } catch (error) {
      const mayHelp = error instanceof AppError && error.hints.extra?.["connect"] !== undefined;
      if (!mayHelp || consents === PATIENCE) throw error;
    }
    const address = await authorization.start(definition, who, { returnTo: "/" });
    const response = await fetch(address, { redirect: "manual" });
    await response.body?.cancel();
    const back = new URL(response.headers.get("location") ?? "", address);
    await authorization.finish(
      back.searchParams,
      who,
      async () => definition,
      async () => undefined,
    );
  }
}
