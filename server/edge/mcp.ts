import type { IncomingMessage, ServerResponse } from "node:http";
import type { Deps } from "../features/deps.ts";
import { apiRate } from "../features/accounts/index.ts";
import { challenge, resourceOfPath } from "../features/oauth/index.ts";
import { auditWriter } from "../features/upstreams/index.ts";
import { MAX_PAYLOAD_BYTES } from "../kernel/live.ts";
import { createMcpEndpoint } from "../mcp/serve/endpoint.ts";
import type { OwnToolSource } from "../mcp/serve/own-tools.ts";
import { createCachedActor } from "./cached-actor.ts";
import { admitOrigin } from "./mcp-origin.ts";
import { PEER_HEADER } from "./request-context.ts";

export interface Mcp {
  /** Answers what is for the MCP endpoints. False: the request is untouched. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Resolves when what was recorded is written, or could not be. */
  close(): Promise<void>;
}

const SESSIONS_TOPIC = "mcp-session";
const RELAY_TOPIC = "mcp-relay";

/** The MCP endpoints `/mcp` and `/mcp/servers/{name}`, with who may use them, from where and how often. */
export function createMcp(
  deps: Pick<Deps, "settings" | "log" | "clock" | "db" | "sql" | "live" | "tools">,
  {
    ownTools,
    closing,
    observe,
  }: {
    ownTools: OwnToolSource;
    closing: AbortSignal;
    observe?: (route: string, method: string, status: number, seconds: number) => void;
  },
): Mcp {
  const { settings, log, clock, sql, live, tools } = deps;
  const actors = createCachedActor(deps);
  const audit = auditWriter(deps);
  const ofCredential = apiRate(settings.apiRateLimit);
  const ofAddress = apiRate(settings.apiRateLimit);
  const tell = (topic: string, message: string) =>
    void live
      .publish(topic, message)
      .catch((err: unknown) => log.warn({ err, topic }, "other processes could not be told"));
  const endpoint = createMcpEndpoint({
    gateway: tools,
    ownTools,
    audit,
    log,
    clock,
    version: settings.version,
    publicUrl: settings.publicUrl,
    secret: settings.jwtSecret,
    timeoutMs: settings.toolTimeoutMs,
    closing,
    async admit({ headers }, path, again = false) {
      const resource = resourceOfPath(path) ?? "/mcp"; // the endpoint serves no other
      // Only those who are not known yet are counted by address: behind one there may be a whole factory.
      const unknown = () => ofAddress(String(headers[PEER_HEADER] ?? "unknown"));
      const actor = await actors.actorFor(headers, resource, again ? { again } : { unknown });
      return { actor, headers: again ? {} : await ofCredential(actor.credentialId) };
    },
    challenge({ headers }, path, { error, scope }) {
      const resource = resourceOfPath(path) ?? "/mcp";
      if (error !== "invalid_token" && error !== "insufficient_scope")
        return challenge(settings, resource, headers.host);
      return challenge(settings, resource, headers.host, {
        error,
        ...(scope !== undefined && { scopes: [...new Set(["mcp.use", scope])] }),
      });
    },
    async useOnce(id, until) {
      // Kept with what else is used once and expires; the job that cleans those cleans these.
      const { rowCount } = await sql.query(
        `INSERT INTO "OAuthRecord" ("model", "id", "payload", "expiresAt") VALUES ('McpState', $1, '{}', $2)
         ON CONFLICT DO NOTHING`,
        [id, until],
      );
      return rowCount === 1;
    },
    sessionEnded: (hash) => tell(SESSIONS_TOPIC, hash),
    relay(message) {
      if (message.length > MAX_PAYLOAD_BYTES) return false;
      tell(RELAY_TOPIC, message);
      return true;
    },
  });
  const ends = [
    live.subscribe(SESSIONS_TOPIC, (hash) => endpoint.forgetSession(hash)),
    live.subscribe(RELAY_TOPIC, (message) => endpoint.hearRelayed(message)),
  ];

  return {
    handle(request, response) {
      const [path = ""] = (request.url ?? "").split("?", 1);
      if (!resourceOfPath(path)) return false;
      const began = performance.now();
      if (!endpoint.isFor(request)) return false;
      response.once("close", () =>
        observe?.(
          path.startsWith("/mcp/servers/") ? "/mcp/servers/{name}" : "/mcp",
          request.method ?? "",
          response.statusCode,
          (performance.now() - began) / 1_000,
        ),
      );
      if (!admitOrigin(settings, request, response)) return true;
      return endpoint.handle(request, response);
    },
    async close() {
      for (const end of ends) end();
      actors.close();
      endpoint.close();
      await audit.close();
    },
  };
}
