/**
 * `RED.settings.osf`: what the OSF nodes ask their host for. A pod implements it over the gateway's internal API, the
 * engine over its broker; a node cannot tell them apart. Every method takes the calling node first, rejects with an Error
 * that has a stable `code` and a message for people, and is safe to repeat: the host recognises the same call of the
 * same step of a run.
 */
import type { EventEmitter } from "node:events";

export interface OsfNode extends EventEmitter {
  id: string;
  name?: string;
}

export interface ToolInfo {
  /** `<server>.<tool>` */
  name: string;
  server: string;
  title?: string;
  description: string;
  /** JSON Schema of the arguments. */
  inputSchema: Record<string, unknown>;
  class: "read" | "write" | "destructive";
}

export interface LlmRequest {
  system?: string;
  prompt: string;
  /** Default `free`. */
  tier?: "free" | "premium";
  model?: string;
  /** 0 to 2; default 0.3. */
  temperature?: number;
  /** The answer must be one JSON value. */
  json?: boolean;
  maxTokens?: number;
}
export interface LlmAnswer {
  text: string;
  /** Parsed, where `json` was asked for. */
  value?: unknown;
  model: string;
  usage: { inputTokens: number; outputTokens: number };
}

export interface AgentRequest {
  /** Id of an agent of the workspace; without it `instructions` and `tools` describe one. */
  agent?: string;
  instructions?: string;
  /** Names or patterns (`fertigung.*`); empty: none. */
  tools?: string[];
  input: string;
  context?: unknown;
  /** Rounds of the model, 1 to 10; default 6. */
  iterations?: number;
  tier?: "free" | "premium";
}
export interface AgentAnswer {
  text: string;
  calls: { tool: string; args: unknown; failed: boolean; durationMs: number }[];
  usage: { inputTokens: number; outputTokens: number };
}

export interface ApprovalRequest {
  title: string;
  question: string;
  /** What is decided about, shown with the question. */
  detail?: unknown;
  /** At least one; default approve and reject. */
  options?: { value: string; label: string; style?: "primary" | "danger" | "default" }[];
  form?: {
    name: string;
    label: string;
    type: "text" | "number" | "boolean" | "select" | "textarea";
    required?: boolean;
    options?: string[];
    default?: unknown;
  }[];
  /** Seconds; without it never. */
  expiresIn?: number;
  /** Value of the option taken at expiry; without it the node fails then. */
  defaultOption?: string;
  /** E-mail addresses or user ids; empty: whoever may respond in the workspace. */
  approvers?: string[];
  /** How many must choose the same option; default 1. */
  required?: number;
  /** Who started the run may not answer. */
  notByStarter?: boolean;
}
export interface ApprovalAnswer {
  id: string;
  decision: string;
  values: Record<string, unknown>;
  comment?: string;
  /** Null: it expired and the default was taken. */
  by: { id: string; name: string } | null;
  at: string;
}

export interface OsfDelivery {
  /** `<run>/<step>`: the same again when the step is repeated after a crash. Sent as `Idempotency-Key`. */
  key: string;
  /** The node that sent the message; null: it started the run. */
  from: { id: string; type: string; name?: string } | null;
}

export interface OsfClient {
  host: "pod" | "engine";
  tool: {
    /** Tools that the workspace may use. */
    list(node: OsfNode | null, filter?: { server?: string }): Promise<ToolInfo[]>;
    call(
      node: OsfNode,
      name: string,
      args: Record<string, unknown>,
    ): Promise<{ failed: boolean; value: unknown; text: string; durationMs: number }>;
  };
  llm: { complete(node: OsfNode, request: LlmRequest): Promise<LlmAnswer> };
  agent: { run(node: OsfNode, request: AgentRequest): Promise<AgentAnswer> };
  flow: {
    /** Starts a flow of the workspace on the engine and waits for its end. Sub-flows nest 5 deep at most. */
    run(
      node: OsfNode,
      request: { flow: string; payload: unknown; wait?: boolean },
    ): Promise<{ runId: string; status: string; output: unknown }>;
    list(node: OsfNode | null): Promise<{ id: string; name: string }[]>;
  };
  approval: { request(node: OsfNode, request: ApprovalRequest): Promise<ApprovalAnswer> };
  code: {
    /**
     * Executes TypeScript: the body of `async (msg, ctx) => …` with `ctx.tool, ctx.llm, ctx.log, ctx.flow, ctx.global,
     * ctx.env`. Engine: in an isolate. Pod: in the pod's process. Resolves with what it returned.
     */
    run(node: OsfNode, request: { code: string; msg: Record<string, unknown>; timeoutMs: number }): Promise<unknown>;
  };
  http: {
    /** Whether an address may be reached by osf-http; rejects with code `http.private` where it may not. */
    check(url: string): Promise<void>;
    /**
     * Used instead of the global `fetch` where the host has one that also holds the rule at the moment of connecting (a
     * name may lead elsewhere than when it was checked).
     */
    fetch?: typeof globalThis.fetch;
  };
  /**
   * The delivery that the node handles; to be called before the handler's first `await`. The engine has it; where it is
   * missing (a pod) the nodes make keys of their own and take the sender from Node-RED's hooks.
   */
  delivery?(node: OsfNode): OsfDelivery;
  log(node: OsfNode, level: "info" | "warn" | "error", message: string, data?: unknown): void;
}
