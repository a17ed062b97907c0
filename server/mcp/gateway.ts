import type { ActorRecord } from "../kernel/actor.ts";
import type { Role } from "../kernel/permissions.ts";
import type { UpstreamDefinition } from "./definition.ts";
import type { Caller, Exchange, ExchangeResult, Json, Viewer } from "./exchange.ts";
import type { ListedTool } from "./review.ts";

export type { UpstreamDefinition } from "./definition.ts";

/** A tool as people, models and flows see it. */
export interface Tool {
  /** `<server>.<tool>`; the rule is in `names.ts`. */
  name: string;
  server: string;
  title: string;
  description: string;
  /** JSON Schema of the arguments; an object schema. */
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown> | undefined;
  /** From the annotations: what a call may do. */
  class: "read" | "write" | "dangerous";
  /** Whether a call may be repeated without changing more than one call does (MCP: idempotentHint or readOnlyHint). */
  repeatable: boolean;
  /** Whether each call needs a person's consent. */
  consent?: boolean;
}

/** A tool that an upstream offers: as everybody sees it, and in the upstream's own words. */
export interface OfferedTool extends Tool {
  /** The MCP `Tool` in force after review, with its own name (no prefix). */
  listed: ListedTool;
  consent: boolean;
}

/**
 * What one upstream offers somebody. `resources`, `templates` and `prompts` are MCP objects as the upstream lists them,
 * all pages, in its order; tools are sorted by name. Shared between callers: never change it. It is the same object
 * until something in it changes.
 */
export interface Offer {
  definition: UpstreamDefinition;
  protocol: string;
  era: "modern" | "legacy";
  serverInfo: { name: string; version?: string | undefined; title?: string | undefined };
  /** ServerCapabilities as the upstream declares them. */
  capabilities: Json;
  instructions?: string | undefined;
  tools: readonly OfferedTool[];
  resources: readonly Json[];
  templates: readonly Json[];
  prompts: readonly Json[];
}

/** Something that the gateway knows of an upstream has changed. */
export type GatewayChange = {
  upstreamId: string;
  /** Its name. */
  upstream: string;
  /** The workspace that the upstream is limited to; null: all. */
  workspaceId: string | null;
  /** Whose lists: of upstreams that each person uses with a consent of their own; null: everybody's. */
  userId: string | null;
} & (
  | { kind: "tools" | "resources" | "prompts" }
  /** A resource that is watched. */
  | { kind: "resource"; uri: string }
  /** It was registered, changed or removed, or has come or gone: all lists may differ. */
  | { kind: "upstream" }
  /** A log message that belongs to no request. */
  | { kind: "log"; params: Json }
);

export interface ToolProgress {
  progress: number;
  total?: number;
  message?: string;
}

export interface ToolCall {
  actor: ActorRecord;
  /** What makes the call; a program where it is not given. */
  through?: Caller["through"];
  /** `<server>.<tool>`. */
  name: string;
  args: Record<string, unknown>;
  runId?: string;
  /** Sent to the upstream as the header `X-Correlation-ID`. */
  requestId?: string;
  /** W3C trace context of the caller, passed on. */
  traceparent?: string;
  /** Sent to the upstream as `_meta["osf/idempotency-key"]`, so that a repetition is recognised. */
  idempotencyKey?: string;
  /** Milliseconds of silence after which the call is given up: progress starts them anew. `MCP_TIMEOUT` where it is not given. */
  timeoutMs?: number;
  signal?: AbortSignal;
  onProgress?: (progress: ToolProgress) => void;
}

/** What a tool answered. `failed`: the tool itself said that it failed; the text says why. */
export interface ToolOutcome {
  failed: boolean;
  /** `structuredContent` where the tool has it, else the text, parsed where it is JSON. */
  value: unknown;
  /** All text parts, joined. */
  text: string;
  durationMs: number;
}

export interface UpstreamState {
  /** The row's id; the name of an upstream that comes with the settings. */
  id: string;
  name: string;
  title: string;
  /** Without credentials and query, which may hold secrets. */
  url: string;
  source: UpstreamDefinition["source"];
  transport: UpstreamDefinition["transport"]["kind"];
  /** The workspace that it is limited to; null: all. */
  workspaceId: string | null;
  enabled: boolean;
  /** Who may use it; missing: everybody in the workspace. */
  roles?: readonly Role[];
  state: "ok" | "connecting" | "down" | "disabled";
  /** Why it is down, for people. */
  problem?: string;
  /** The MCP revision in use, for example `2026-07-28`. */
  protocol?: string;
  era?: "modern" | "legacy";
  serverVersion?: string;
  tools: number;
  /** Of the last call or check, milliseconds. */
  latencyMs?: number;
  checkedAt?: Date;
}

/** Where the gateway learns which upstreams there are. */
export interface UpstreamSource {
  /** All of them, names unique. */
  load(): Promise<UpstreamDefinition[]>;
  /** Calls back whenever `load` may answer something else, until the returned function is called. */
  onChange(changed: () => void): () => void;
}

/** The one way to the plant's tools: every call of chat, agents, flows, pages and programs goes through `call`. */
export interface ToolGateway {
  /** Tools of all upstreams that the viewer may use, sorted by name. A dead upstream hides only its own. */
  list(viewer: Viewer): Promise<Tool[]>;
  /**
   * Calls a tool, within its timeout, with exactly one audit row and a live event.
   * Throws AppError: `missing` (`tool.missing`), `invalid` (`tool.arguments`: against the schema, with fields),
   * `upstream` (`tool.unreachable`, `tool.timeout`, `tool.protocol`; `hints.extra.mayHaveRun` tells whether the call
   * may have reached the tool); an abort rejects with the signal's reason.
   */
  call(call: ToolCall): Promise<ToolOutcome>;
  /**
   * Makes one request to the upstream of that name, through all stages; with one audit row where it is `tools/call`.
   * Throws RpcError for an error of the upstream, AppError for everything else (see `call`; also `missing` with
   * `upstream.missing`, `upstream.auth`); an abort rejects with the signal's reason.
   */
  exchange(upstream: string, exchange: Exchange): Promise<ExchangeResult>;
  /**
   * What all upstreams that the viewer may use offer, by name. One that is down, or needs a consent that the viewer has
   * not given, is left out.
   */
  offers(viewer: Viewer): Promise<Offer[]>;
  /**
   * The offer of one. Throws `missing` (`upstream.missing`), and what keeps it from answering: `tool.unreachable` …,
   * `upstream.auth`.
   */
  offer(viewer: Viewer, upstream: string): Promise<Offer>;
  /** Calls back at every change, of all workspaces, until the returned function is called. */
  onChange(heard: (change: GatewayChange) => void): () => void;
  /** Wants changes of a resource announced, until the returned function is called. Throws as `exchange`. */
  watch(viewer: Viewer, upstream: string, uri: string): Promise<() => void>;
  /** State of each upstream that the workspace may use; workspaceId null: of all. Does not wait for any of them. */
  upstreams(workspaceId: string | null): Promise<UpstreamState[]>;
  /** Looks at one upstream now. Throws `missing`; a dead one is an answer, not an error. */
  check(name: string, workspaceId: string | null): Promise<UpstreamState>;
  /** Learns now what is registered; other processes learn it by themselves, and so does this one a little later. */
  reload(): Promise<void>;
  /** Ends all connections and writes what the audit still holds. */
  close(): Promise<void>;
}
