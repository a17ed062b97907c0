import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { silent, startTestGateway, type TestGateway } from "#tests/support/tool-gateway.ts";
import type { Actor } from "../../kernel/actor.ts";
import { systemClock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { AuditRecord } from "../audit.ts";
import type { UpstreamDefinition } from "../gateway.ts";
import { createMcpEndpoint } from "./endpoint.ts";
import type { OwnTool } from "./own-tools.ts";
import { CAPABILITIES_KEY, CLIENT_KEY, MODERN, VERSION_KEY, type RpcId } from "./wire/rpc.ts";

export const OLGA: Actor = {
  userId: "usr_1",
  name: "Olga",
  email: "olga@test.local",
  workspaceId: "wsp_1",
  role: "operator",
  owner: false,
  via: "api-key",
  credentialId: "key_olga",
  scopes: null,
};

/** Who has which token; beside them everybody whose token is `usr_…`. */
const PEOPLE: Record<string, Actor> = {
  olga: OLGA,
  "olga-again": { ...OLGA, credentialId: "key_other" },
  vera: { ...OLGA, userId: "usr_2", name: "Vera", role: "viewer", credentialId: "key_vera" },
  stranger: { ...OLGA, userId: "usr_3", name: "Sam", workspaceId: "wsp_2", credentialId: "key_sam" },
  scoped: { ...OLGA, credentialId: "key_scoped", via: "oauth", scopes: ["mcp.use", "tool.read", "plant.read"] },
  bare: { ...OLGA, credentialId: "key_bare", scopes: ["mcp.use"] },
  without: { ...OLGA, credentialId: "key_without", scopes: ["plant.read"] },
};

export interface TestEndpoint {
  url: string;
  gateway: TestGateway;
  /** What calls of own tools left in the audit. */
  audited: AuditRecord[];
  own: { tools: OwnTool[]; changed(workspaceId: string | null): void };
  /** From now on this token is worth nothing. */
  revoke(token: string): void;
  stop(): Promise<void>;
}

/** The endpoint over real HTTP in front of a real gateway; only who has which token is made up. */
export async function startTestEndpoint(
  upstreams: UpstreamDefinition[],
  options: Parameters<typeof startTestGateway>[1] = {},
): Promise<TestEndpoint> {
  const gateway = await startTestGateway(upstreams, options);
  const closing = new AbortController();
  const used = new Set<string>();
  const audited: AuditRecord[] = [];
  const revoked = new Set<string>();
  const heard = new Set<(workspaceId: string | null) => void>();
  const own: TestEndpoint["own"] = {
    tools: [],
    changed: (workspaceId) => heard.forEach((one) => one(workspaceId)),
  };
  const endpoint = createMcpEndpoint({
    gateway: gateway.tools,
    ownTools: { for: async () => own.tools, onChange: (one) => (heard.add(one), () => void heard.delete(one)) },
    audit: { record: (entry) => void audited.push(entry) },
    log: silent,
    clock: systemClock,
    version: "1.2.3",
    publicUrl: "https://osf.example.com",
    secret: "a secret of tests that is long enough",
    timeoutMs: 5_000,
    admit: async (request: IncomingMessage) => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      if (!token) throw new AppError("unauthenticated", "auth.missing", "Send a token");
      const someone = token.startsWith("usr_") ? { ...OLGA, userId: token, credentialId: token } : PEOPLE[token];
      const actor = revoked.has(token) ? undefined : someone;
      if (!actor) throw new AppError("unauthenticated", "auth.invalid", "The token is not one of ours");
      return { actor, headers: { "RateLimit-Limit": "100" } };
    },
    challenge: (_request, path, { error, scope }) =>
      `Bearer path="${path}" error="${error ?? ""}" scope="${scope ?? ""}"`,
    useOnce: async (id) => !used.has(id) && !!used.add(id),
    closing: closing.signal,
  });
  const server = createServer((request, response) => {
    if (!endpoint.handle(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a listening TCP server has one
    gateway,
    audited,
    own,
    revoke: (token) => void revoked.add(token),
    async stop() {
      closing.abort();
      endpoint.close();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await gateway.stop();
    },
  };
}

export interface Asked {
  token?: string;
  id?: RpcId;
  capabilities?: object;
  meta?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** One request of revision 2026-07-28, with all headers right unless `headers` says otherwise. */
export async function askModern(url: string, method: string, params: Record<string, unknown> = {}, asked: Asked = {}) {
  const { token = "olga", id = 1, capabilities = {}, meta = {}, headers = {}, signal } = asked;
  const name = params["name"] ?? params["uri"] ?? params["taskId"];
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": MODERN,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id,
      method,
      params: {
        ...params,
        _meta: {
          [VERSION_KEY]: MODERN,
          [CLIENT_KEY]: { name: "test", version: "1" },
          [CAPABILITIES_KEY]: capabilities,
          ...meta,
        },
      },
    }),
    ...(signal && { signal }),
  });
  return { status: response.status, headers: response.headers, ...(await messagesOf(response)) };
}

export interface Message {
  id?: RpcId;
  method?: string;
  params?: Record<string, unknown>;
  // what is expected of it is said by each test
  // oxlint-disable-next-line typescript/no-explicit-any
  result?: any;
  error?: { code: number; message: string; data?: unknown };
}

/** What was answered: the last message, and those before it. */
export async function messagesOf(response: Response): Promise<Message & { before: Message[] }> {
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  const messages = type.includes("event-stream")
    ? [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data) as Message)
    : text
      ? [JSON.parse(text) as Message]
      : [];
  return { ...messages.at(-1), before: messages.slice(0, -1) };
}
