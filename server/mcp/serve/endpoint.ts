import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Actor } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import { deriveKey } from "../../kernel/crypto.ts";
import { anticipated, shuttingDown } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { AuditWriter } from "../audit.ts";
import type { Caller } from "../exchange.ts";
import type { ToolGateway } from "../gateway.ts";
import { SERVER_NAME } from "../names.ts";
import { demand } from "./surface/access.ts";
import { answerOn, type Answer } from "./wire/answer.ts";
import { upstreamCalls } from "./surface/call-upstream.ts";
import { classify, header, idOf, type Inbound } from "./wire/inbound.ts";
import { readJsonBody } from "./wire/json-body.ts";
import { hearAside, initialize, serveLegacy, streamChanges, type Aside } from "./clients/legacy.ts";
import { lastingAnswers } from "./clients/lasting-answers.ts";
import { mustExist, serveModern } from "./clients/modern.ts";
import { oneUpstream } from "./surface/one-upstream.ts";
import type { OwnToolSource } from "./own-tools.ts";
import { createRequestStates, type UseOnce } from "./clients/request-state.ts";
import { CLIENT_KEY, CODE, failureOf, isObject, LEGACY, WireError, type RpcId } from "./wire/rpc.ts";
import { createSealer } from "./wire/sealed.ts";
import { createSessions } from "./clients/sessions.ts";
import type { Surface } from "./surface/surface.ts";
import { createSuspended } from "./clients/suspended.ts";
import { createTaskIds } from "./surface/tasks.ts";
import { wholeGateway } from "./surface/whole-gateway.ts";

export interface McpEndpointDeps {
  gateway: ToolGateway;
  ownTools: OwnToolSource;
  /** Where calls of the gateway's own tools are written; the gateway writes those of upstreams. */
  audit: Pick<AuditWriter, "record">;
  log: Log;
  clock: Clock;
  version: string;
  /** Where people reach us. */
  publicUrl: string;
  /** What everything is sealed with that clients hold for us. The same in all processes. */
  secret: string;
  /** Milliseconds of silence after which a request to an upstream is given up. */
  timeoutMs: number;
  /**
   * Who asks, for the endpoint of that path. Throws `unauthenticated`, `limited`; answers the headers of its limit.
   * `again`: looked at anew while an answer lasts.
   */
  admit(
    request: IncomingMessage,
    path: string,
    again?: boolean,
  ): Promise<{ actor: Actor; headers: Record<string, string> }>;
  /** `WWW-Authenticate` of a 401 or 403 of the endpoint of that path. */
  challenge(request: IncomingMessage, path: string, why: { error?: string; scope?: string }): string;
  useOnce: UseOnce;
  /** Told of each session that ends here, for other processes. */
  sessionEnded?(hash: string): void;
  /** Passes a message to all other processes, which give it to `hearRelayed`; false: it is too large for that. */
  relay?(message: string): boolean;
  /** Aborts when the server stops. */
  closing: AbortSignal;
}

export interface McpEndpoint {
  /** Whether a request is one for MCP at all: the rest below `/mcp` is for pages and the HTTP API. */
  isFor(request: IncomingMessage): boolean;
  /** Serves a request that is for `/mcp` or `/mcp/servers/{name}` by MCP; false: it is not. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** What a client told another process about a session that may live here. */
  hearRelayed(message: string): void;
  /** Another process ended a session. */
  forgetSession(hash: string): void;
  close(): void;
}

const RELAY = { use: "relay" };

/**
 * Our MCP server: Streamable HTTP of revisions 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26 (but for batches) and
 * 2024-11-05's messages. Who mounts it has checked `Host` and `Origin` and answers preflights.
 */
export function createMcpEndpoint(deps: McpEndpointDeps): McpEndpoint {
  const { gateway, ownTools, log, clock, version, publicUrl, secret, timeoutMs, closing } = deps;
  const sealer = createSealer(deriveKey(secret, "mcp-endpoint"));
  const calls = upstreamCalls(gateway, createTaskIds(sealer));
  const whole = wholeGateway({ gateway, calls, ownTools: { source: ownTools, audit: deps.audit }, version, publicUrl });
  const suspended = createSuspended();
  const sessions = createSessions({ sealer, clock, ...(deps.sessionEnded && { ended: deps.sessionEnded }) });
  const states = createRequestStates({ sealer, clock, useOnce: deps.useOnce });
  const modern = { gateway, ownTools, states, suspended, processId: randomUUID() };
  const legacy = { gateway, ownTools, sessions };
  const watchOver = lastingAnswers(deps);

  const surfaceAt = (path: string): Surface | undefined => {
    if (path === "/mcp" || path === "/mcp/") return whole;
    const name = /^\/mcp\/servers\/([^/]+)\/?$/.exec(path)?.[1];
    return name !== undefined && SERVER_NAME.test(name) ? oneUpstream(name, { gateway, calls, publicUrl }) : undefined;
  };

  async function serve(request: IncomingMessage, surface: Surface, answer: Answer, told: { id: RpcId | null }) {
    const { headers } = request;
    if (closing.aborted) throw shuttingDown();
    const { actor, headers: limits } = await deps.admit(request, surface.path);
    demand(actor, "mcp.use");
    answer.also(limits);
    const session = () => {
      const id = header(headers, "mcp-session-id");
      if (id === undefined)
        throw new WireError(400, CODE.request, "The header Mcp-Session-Id is missing: begin with initialize");
      return sessions.find(actor, surface.path, id);
    };
    if (request.method === "GET") {
      if (header(headers, "mcp-session-id") === undefined)
        throw new WireError(405, CODE.request, "Only sessions have a stream of their own", undefined, {
          Allow: "POST",
        });
      const one = session();
      return streamChanges(legacy, {
        surface,
        actor,
        answer,
        session: one,
        closing: watchOver({ request, surface, actor, answer }),
      });
    }
    if (request.method === "DELETE") {
      sessions.end(session());
      return answer.end(undefined, 204);
    }
    if (!/^application\/json\s*(;|$)/i.test(header(headers, "content-type") ?? ""))
      throw new WireError(415, CODE.request, "Send the message as application/json");
    const body = await readJsonBody(request);
    told.id = idOf(body);
    const inbound = classify(body, headers);
    const callerOf = (client: string): Caller => ({
      actor,
      through: { kind: "mcp-client", id: client },
      requestId: answer.requestId,
      traceparent: header(headers, "traceparent"),
    });
    return serveMessage(inbound, callerOf, session, { request, surface, actor, answer });
  }

  async function serveMessage(
    inbound: Inbound,
    callerOf: (client: string) => Caller,
    session: () => ReturnType<typeof sessions.find>,
    visit: { request: IncomingMessage; surface: Surface; actor: Actor; answer: Answer },
  ) {
    const { request, answer, surface, actor } = visit;
    switch (inbound.kind) {
      case "modern": {
        mustExist(inbound.request.method);
        const info = inbound.meta[CLIENT_KEY];
        const client = isObject(info) ? String(info["name"] ?? "unknown").slice(0, 100) : "unknown";
        const lasting = inbound.request.method === "subscriptions/listen";
        return serveModern(modern, {
          ...visit,
          request: inbound.request,
          meta: inbound.meta,
          headers: request.headers,
          caller: callerOf(client),
          timeoutMs,
          closing: lasting ? watchOver({ request, surface, actor, answer }) : closing,
        });
      }
      case "modern-notification":
        return answer.end(undefined, 202);
      case "initialize":
        return initialize(legacy, visit, inbound.request);
      case "legacy-notification":
      case "response": {
        const one = session();
        if (inbound.kind === "legacy-notification") mustSpeak(request, one.protocol);
        // The request that it is about may be served by another of our processes.
        if (!hearAside(one, inbound) && deps.relay?.(sealer.seal({ session: one.id, aside: inbound }, RELAY)) === false)
          throw new WireError(
            413,
            CODE.request,
            "This is too large to be passed on to the process of the server that it is for; send less than 5 kB",
          );
        return answer.end(undefined, 202);
      }
      case "legacy": {
        const one = session();
        mustSpeak(request, one.protocol);
        return serveLegacy({ ...visit, session: one, caller: callerOf(one.client.name), timeoutMs }, inbound.request);
      }
    }
  }

  function fail(error: unknown, request: IncomingMessage, surface: Surface, answer: Answer, id: RpcId | null) {
    if (answer.signal.aborted) return;
    const known = anticipated(error);
    const { status, error: said, headers } = failureOf(error);
    if (status === 500)
      log.error(
        { err: error, requestId: answer.requestId, path: surface.path },
        "an MCP request failed by a mistake of ours",
      );
    const extra: Record<string, string> = { ...headers };
    if (known?.kind === "unauthenticated")
      extra["WWW-Authenticate"] = deps.challenge(
        request,
        surface.path,
        known.code === "auth.missing" ? {} : { error: "invalid_token" },
      );
    if (known?.code === "auth.scope")
      extra["WWW-Authenticate"] = deps.challenge(request, surface.path, {
        error: "insufficient_scope",
        scope: String(known.hints.extra?.["scope"]),
      });
    answer.end(
      { jsonrpc: "2.0", id, error: said },
      known?.code === "upstream.missing" && surface !== whole ? 404 : status,
      extra,
    );
  }

  return {
    isFor: isForMcp,
    handle(request, response) {
      const [path = ""] = (request.url ?? "").split("?", 1);
      const surface = isForMcp(request) ? surfaceAt(path) : undefined;
      if (!surface) return false;
      const answer = answerOn(response, header(request.headers, "accept"), requestIdOf(request));
      const told: { id: RpcId | null } = { id: null };
      serve(request, surface, answer, told)
        .catch((error: unknown) => fail(error, request, surface, answer, told.id))
        .catch((err: unknown) => {
          log.error({ err }, "an MCP answer could not be sent");
          response.destroy();
        });
      return true;
    },
    hearRelayed(message) {
      const { session: id, aside } = (sealer.open(message, RELAY) ?? {}) as { session?: string; aside?: Aside }; // sealed by us
      const session = id === undefined ? undefined : sessions.here(id);
      if (session && aside) hearAside(session, aside);
    },
    forgetSession: (hash) => sessions.forget(hash),
    close() {
      suspended.close();
      sessions.close();
    },
  };
}

/** A GET is one only where it wants an event stream. */
function isForMcp({ method, headers }: IncomingMessage): boolean {
  if (method === "POST" || method === "DELETE" || method === "OPTIONS") return true;
  return method === "GET" && String(headers.accept ?? "").includes("text/event-stream");
}

function mustSpeak(request: IncomingMessage, protocol: string): void {
  const named = header(request.headers, "mcp-protocol-version");
  if (named !== undefined && named !== protocol && !LEGACY.includes(named as (typeof LEGACY)[number]))
    throw new WireError(400, CODE.request, `Unsupported protocol version: ${named}`);
}

const WELL_FORMED = /^[A-Za-z0-9._:-]{8,128}$/;
function requestIdOf({ headers }: IncomingMessage): string {
  const given = [header(headers, "x-request-id"), header(headers, "x-correlation-id")];
  return given.find((id) => id !== undefined && WELL_FORMED.test(id)) ?? randomUUID();
}
