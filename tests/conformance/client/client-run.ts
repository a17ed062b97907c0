import pino from "pino";
import { systemClock } from "#server/kernel/clock.ts";
import { noCredentials } from "#server/mcp/no-credentials.ts";
import type { CredentialSource } from "#server/mcp/credentials/source.ts";
import type { Caller, Exchange, ExchangeResult, Json, Stage } from "#server/mcp/exchange.ts";
import type { UpstreamDefinition } from "#server/mcp/gateway.ts";
import { noReview } from "#server/mcp/tool-set.ts";
import { PACE, type UpstreamConnection } from "#server/mcp/upstream/connection.ts";
import { keepConnection } from "#server/mcp/upstream/keep-connection.ts";
import { peerOpener } from "#server/mcp/upstream/open-peer.ts";

/** What the suite gives the program for one scenario. */
export interface ClientRun {
  url: string;
  /** `MCP_CONFORMANCE_CONTEXT`: what the scenario wants done, credentials and the like. */
  context: Json;
}
export type Scenario = (run: ClientRun) => Promise<void>;

/** The gateway's own connection to the scenario's server, and what a client does with it. */
export interface ScenarioClient {
  connection: UpstreamConnection;
  request(method: string, params: Json, more?: Partial<Exchange>): Promise<ExchangeResult>;
  call(name: string, args: Json, more?: Partial<Exchange>): Promise<ExchangeResult>;
}

interface Options {
  auth?: UpstreamDefinition["auth"];
  credentials?: CredentialSource;
  /** Around each request, as in the gateway. */
  stage?: Stage;
}

const CALLER: Caller = {
  actor: { userId: "usr_1", name: "Conformance", workspaceId: "wsp_1", role: "admin", via: "session" },
  through: { kind: "program" },
};

/** Connects as the gateway does, lets `work` act, and closes. */
export async function withClient(
  { url }: ClientRun,
  work: (client: ScenarioClient) => Promise<void>,
  { auth = { kind: "none" }, credentials = noCredentials, stage }: Options = {},
): Promise<void> {
  const definition: UpstreamDefinition = {
    id: "suite",
    name: "suite",
    title: "Suite",
    url,
    source: "admin",
    workspaceId: null,
    enabled: true,
    transport: { kind: "http" },
    auth,
    policy: { privateNetwork: true },
    pinning: "off",
  };
  const connection = keepConnection({
    definition,
    who: auth.kind === "oauth-user" ? CALLER.actor : null,
    version: "1.0.0",
    pace: PACE,
    log: pino({ level: "warn" }, pino.destination(2)),
    clock: systemClock,
    open: peerOpener(),
    dial: { allow: [] },
    credentials,
    review: noReview,
    changed: () => undefined,
  });
  const request: ScenarioClient["request"] = async (method, params, more = {}) => {
    const { tools } = await connection.stock();
    const tool = method === "tools/call" ? tools.byOwnName.get(String(params["name"])) : undefined;
    const exchange: Exchange = { caller: CALLER, method, params, capabilities: {}, timeoutMs: 15_000, ...more };
    const send = (asked: Exchange, headers: Record<string, string>) => connection.request(asked, headers, tool);
    return stage
      ? stage(exchange, { definition, headers: {} }, (asked, { headers }) => send(asked, headers))
      : send(exchange, {});
  };
  try {
    await work({
      connection,
      request,
      call: (name, args, more) => request("tools/call", { name, arguments: args }, more),
    });
  } finally {
    await connection.close();
  }
}
