import type { ActorRecord } from "../kernel/actor.ts";
import type { UpstreamDefinition } from "./definition.ts";
import type { Viewer } from "./exchange.ts";

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
}

export interface ToolProgress {
  progress: number;
  total?: number;
  message?: string;
}

export interface ToolCall {
  actor: ActorRecord;
  /** `<server>.<tool>`. */
  name: string;
  args: Record<string, unknown>;
  runId?: string;
  /** Sent to the upstream as the header `X-Correlation-ID`. */
  requestId?: string;
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
  state: "ok" | "connecting" | "down" | "disabled";
  /** Why it is down, for people. */
  problem?: string;
  /** The MCP revision in use, for example `2026-07-28`. */
  protocol?: string;
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
  /** State of each upstream that the workspace may use; workspaceId null: of all. Does not wait for any of them. */
  upstreams(workspaceId: string | null): Promise<UpstreamState[]>;
  /** Looks at one upstream now. Throws `missing`; a dead one is an answer, not an error. */
  check(name: string, workspaceId: string | null): Promise<UpstreamState>;
  /** Learns now what is registered; other processes learn it by themselves, and so does this one a little later. */
  reload(): Promise<void>;
  /** Ends all connections and writes what the audit still holds. */
  close(): Promise<void>;
}
