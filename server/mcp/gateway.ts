import type { ActorRecord } from "../kernel/actor.ts";

/** A tool as people, models and flows see it. */
export interface Tool {
  /** `<server>.<tool>`. */
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

export interface ToolCall {
  actor: ActorRecord;
  /** `<server>.<tool>`. */
  name: string;
  args: Record<string, unknown>;
  runId?: string;
  requestId?: string;
  /** Sent to the upstream as `_meta["osf/idempotency-key"]`, so that a repetition is recognised. */
  idempotencyKey?: string;
  /** Milliseconds; the installation's `MCP_TIMEOUT` where it is not given. */
  timeoutMs?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { progress: number; total?: number; message?: string }) => void;
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
  name: string;
  title: string;
  url: string;
  source: string;
  enabled: boolean;
  state: "ok" | "connecting" | "down" | "disabled";
  /** Why it is down, for people. */
  problem?: string;
  protocol?: string;
  serverVersion?: string;
  tools: number;
  /** Of the last call or check, milliseconds. */
  latencyMs?: number;
  checkedAt?: Date;
}

/** The one way to the plant's tools: every call of chat, agents, flows, pages and programs goes through `call`. */
export interface ToolGateway {
  /** Tools of all upstreams that the workspace may use, sorted by name. A dead upstream hides only its own. */
  list(workspaceId: string): Promise<Tool[]>;
  /**
   * Calls a tool, within its timeout, with an audit row and a live event.
   * Throws AppError: `missing` (unknown tool), `invalid` (arguments against the schema, with fields),
   * `upstream` (`tool.unreachable`, `tool.timeout`, `tool.protocol`); an abort rejects with the signal's reason.
   */
  call(call: ToolCall): Promise<ToolOutcome>;
  /** State of each upstream that the workspace may use; workspaceId null: of all. */
  upstreams(workspaceId: string | null): Promise<UpstreamState[]>;
  /** Looks at one upstream now. Throws `missing`. */
  check(name: string, workspaceId: string | null): Promise<UpstreamState>;
  close(): Promise<void>;
}
