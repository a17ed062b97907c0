import type { ActorRecord } from "../kernel/actor.ts";
import type { UpstreamDefinition } from "./definition.ts";

/** Who asks: it decides which upstreams and tools there are. */
export type Viewer = Pick<ActorRecord, "workspaceId" | "userId" | "role">;

/** On whose behalf a request is made, and through what; goes into the audit and into the signed identity. */
export interface Caller {
  actor: ActorRecord;
  /** What makes the call: a chat, a flow, a page, an MCP client (its name). */
  through: { kind: "chat" | "flow" | "agent" | "page" | "pod" | "mcp-client" | "program"; id?: string };
  runId?: string | undefined;
  /** Sent to the upstream as `X-Correlation-ID`. */
  requestId?: string | undefined;
  /** W3C trace context of the caller, passed on. */
  traceparent?: string | undefined;
  /** Sent as `_meta["osf/idempotency-key"]`, so that a repetition is recognised. */
  idempotencyKey?: string | undefined;
  /** Who agreed to this very call, where consent was needed. */
  approverId?: string | undefined;
}

export type Json = Record<string, unknown>;

/**
 * One request to one upstream, whatever revision it and whoever asks speak. `params` are those of the upstream: its own
 * names of tools, no prefix; `_meta` without the protocol's own keys (version, client, capabilities, progress token,
 * log level), which the connection sets.
 */
export interface Exchange {
  caller: Caller;
  method: string;
  params: Json;
  /** ClientCapabilities of whoever asks; `{}` for callers within the gateway. Decides what an upstream may ask back. */
  capabilities: Json;
  logLevel?: string | undefined;
  /** Called before each repetition by the gateway. */
  retried?: (() => void) | undefined;
  /** Milliseconds of silence until it is given up; progress starts them anew. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /**
   * Progress (without its token, which is the connection's own), log messages (of `logLevel` and above where that is
   * given) and whatever else the upstream says about this request.
   */
  notify?: ((notification: { method: string; params: Json }) => void) | undefined;
  /**
   * Answers what an upstream of the 2025 revisions asks back in the middle (elicitation, sampling, roots): with the
   * result, or by throwing `RpcError`. Without it such a request is refused with −32601. `withdrawn` aborts when the
   * upstream takes the question back, or the request ends. While it is open the timeout stands still.
   */
  ask?: ((request: { method: string; params: Json }, withdrawn: AbortSignal) => Promise<Json>) | undefined;
}

/**
 * What the upstream answered: the result as it is. One of revision 2026-07-28 may answer
 * `{resultType: "input_required", inputRequests, requestState?}`; it is asked again with
 * `params.inputResponses` and `params.requestState`.
 */
export type ExchangeResult = Json;

/** An error in the words of JSON-RPC: what an upstream answered, passed on as it is. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** A tool as the stages judge a call of it, from its verdict (see review.ts). */
export interface TargetTool {
  /** The upstream's own name of it. */
  name: string;
  title: string;
  class: "read" | "write" | "dangerous";
  repeatable: boolean;
  /** Whether each call needs a person's consent. */
  consent: boolean;
  /** Roles that may use it; empty: all that may use the upstream. */
  roles: readonly string[];
}

/** What a stage is told besides the exchange. */
export interface Target {
  readonly definition: UpstreamDefinition;
  /** Of `tools/call`: the tool's class and whether a second call changes nothing more. */
  readonly tool?: TargetTool | undefined;
  /** Headers that go with the request; stages add to them. */
  readonly headers: Record<string, string>;
}

/**
 * A step on the way of every exchange, the innermost of which is the connection. It refuses by throwing AppError, waits,
 * repeats, adds headers. In order: audit, policy (roles, pins), consent, limits, credentials.
 */
export type Stage = (exchange: Exchange, target: Target, next: Next) => Promise<ExchangeResult>;
export type Next = (exchange: Exchange, target: Target) => Promise<ExchangeResult>;
