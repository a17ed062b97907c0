import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, jsonSchema, Output, streamText, tool, type ModelMessage as SdkMessage, type ToolSet } from "ai";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { ModelEndpoint, Settings } from "../kernel/settings.ts";
import { ModelQueue } from "./model-queue.ts";
import { wireName } from "./wire-names.ts";

export type Tier = keyof Settings["models"];

export interface ToolRequest {
  callId: string;
  /** `<server>.<tool>`. */
  name: string;
  arguments: Record<string, unknown>;
}

export type ModelMessage =
  | { role: "system" | "user"; text: string }
  | { role: "assistant"; text: string; toolCalls: ToolRequest[] }
  | { role: "tool"; results: { callId: string; name: string; text: string }[] };

export interface OfferedTool {
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
}

export interface ModelCall {
  tier: Tier;
  workspaceId: string;
  messages: ModelMessage[];
  tools: OfferedTool[];
  toolChoice?: "auto" | "none" | "required" | { name: string };
  temperature?: number;
  maxOutputTokens?: number;
  /** The answer is to be one JSON value; a server that does not know this refuses the call (`model.refused`). */
  json?: boolean;
  /** Sent to the model's server as `X-Request-Id`. */
  requestId?: string;
  signal: AbortSignal;
  /** The call waits for a place: told whenever its position changes. */
  onQueued?: (position: number) => void;
}

export type ModelEvent =
  | { type: "text"; text: string }
  | { type: "tool-call"; call: ToolRequest }
  | { type: "finish"; reason: string; inputTokens: number; outputTokens: number };

export type ModelState = "idle" | "busy" | "saturated" | "down" | "unconfigured";

export interface ModelStatus {
  tier: Tier;
  model: string;
  demo: boolean;
  state: ModelState;
  running: number;
  waiting: number;
  concurrency: number;
  depth: number;
  /** Why it is down, for people. */
  problem?: string;
}

export interface Models {
  /**
   * One answer of a model, as it comes. Throws AppError: `model.unconfigured`, `model.saturated`, `model.unreachable`,
   * `model.refused`, `model.failed`; `model.interrupted` when it broke off after it had begun, so that another try
   * would begin anew.
   */
  stream(call: ModelCall): AsyncGenerator<ModelEvent, void>;
  status(): ModelStatus[];
  /** Looks whether each server answers. */
  check(): Promise<void>;
}

interface Server {
  queue: ModelQueue;
  problem: string | undefined;
}

const TRIES = 3;

/** Clients of the configured model servers, with one queue for each address. `onChange` is told when a status may have changed. */
export function createModels({
  settings,
  log,
  onChange,
}: {
  settings: Pick<Settings, "models" | "llmMaxConcurrency" | "llmMaxQueueDepth">;
  log: Log;
  onChange: () => void;
}): Models {
  const limits = { concurrency: settings.llmMaxConcurrency, depth: settings.llmMaxQueueDepth };
  const servers = new Map<string, Server>();
  for (const { url } of Object.values(settings.models))
    if (url && !servers.has(url)) servers.set(url, { queue: new ModelQueue(limits, onChange), problem: undefined });

  const setProblem = (server: Server, problem: string | undefined) => {
    if (server.problem === problem) return;
    server.problem = problem;
    onChange();
  };

  async function* stream(call: ModelCall): AsyncGenerator<ModelEvent, void> {
    const endpoint = settings.models[call.tier];
    const server = endpoint.url ? servers.get(endpoint.url) : undefined;
    if (!server)
      throw new AppError(
        "unavailable",
        "model.unconfigured",
        `No model is configured for the tier ${call.tier}. An administrator sets LLM_URL_${call.tier.toUpperCase()}`,
      );
    const leave = await server.queue.enter(call.workspaceId, call.signal, call.onQueued);
    try {
      for (let attempt = 1; ; attempt++) {
        let begun = false;
        try {
          for await (const event of streamOnce(endpoint, call)) {
            begun = true;
            setProblem(server, undefined);
            yield event;
          }
          return;
        } catch (error) {
          call.signal.throwIfAborted();
          const failure = modelFailure(endpoint, error);
          if (failure.code === "model.unreachable") setProblem(server, failure.message);
          if (failure.code === "model.refused") throw failure;
          if (begun) throw interrupted(endpoint, failure);
          if (attempt === TRIES) throw failure;
          log.warn({ err: failure, attempt }, "model call failed, trying again");
          await pause(300 * 2 ** attempt, undefined, { signal: call.signal });
        }
      }
    } finally {
      leave();
    }
  }

  return {
    stream,
    status: () =>
      (Object.entries(settings.models) as [Tier, ModelEndpoint][]).map(([tier, { url, model, demo }]) => {
        // Object.entries widens the names
        const server = url ? servers.get(url) : undefined;
        const running = server?.queue.running ?? 0;
        const waiting = server?.queue.waiting ?? 0;
        const state = !server
          ? "unconfigured"
          : server.problem
            ? "down"
            : waiting >= limits.depth && waiting > 0
              ? "saturated"
              : running > 0
                ? "busy"
                : "idle";
        return {
          tier,
          model,
          demo,
          state,
          running,
          waiting,
          ...limits,
          ...(server?.problem ? { problem: server.problem } : {}),
        };
      }),
    async check() {
      const endpoints = new Map(
        Object.values(settings.models).flatMap((endpoint) => (endpoint.url ? [[endpoint.url, endpoint] as const] : [])),
      );
      await Promise.all(
        [...endpoints].map(async ([url, endpoint]) => {
          const server = servers.get(url);
          if (server) setProblem(server, await problemOf(endpoint));
        }),
      );
    },
  };
}

async function problemOf(endpoint: ModelEndpoint): Promise<string | undefined> {
  try {
    const response = await fetch(`${endpoint.url}/models`, {
      headers: endpoint.apiKey ? { Authorization: `Bearer ${endpoint.apiKey}` } : {},
      signal: AbortSignal.timeout(3_000),
    });
    await response.body?.cancel();
    // Some servers do not list models; whoever answers at all is there. A refused key is not.
    return response.status === 401 || response.status === 403 ? keyRefused(endpoint).message : undefined;
  } catch (error) {
    return modelFailure(endpoint, error).message;
  }
}

/** Without the server's own words: some repeat the key in them. */
const keyRefused = (endpoint: ModelEndpoint) =>
  new AppError("upstream", "model.refused", `The model server at ${hostOf(endpoint)} refuses the API key`);

const hostOf = ({ url }: ModelEndpoint) => (url ? new URL(url).host : "nowhere");

const interrupted = (endpoint: ModelEndpoint, cause: AppError) =>
  new AppError(
    "upstream",
    "model.interrupted",
    `The model server at ${hostOf(endpoint)} broke off in the middle of the answer. Try again; if it stays, an administrator looks at that server`,
    { cause },
  );

/** What the log may know of a failure: the SDK's errors carry the whole conversation with them. */
function withoutConversation(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error.cause instanceof Error && !APICallError.isInstance(error.cause) ? { cause: error.cause } : {};
  return new Error(`${error.name}: ${error.message.slice(0, 300)}`, cause);
}

function modelFailure(endpoint: ModelEndpoint, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status = APICallError.isInstance(thrown) ? thrown.statusCode : undefined;
  if (status === 401 || status === 403) return keyRefused(endpoint);
  const error = withoutConversation(thrown);
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429)
    return new AppError(
      "upstream",
      "model.refused",
      `The model server at ${hostOf(endpoint)} refused the request (${status}): ${(thrown as Error).message.slice(0, 300)}`,
      { cause: error },
    );
  if (status !== undefined)
    return new AppError(
      "upstream",
      "model.failed",
      `The model server at ${hostOf(endpoint)} answered ${status}. Try again; if it stays, an administrator looks at that server`,
      { cause: error },
    );
  return new AppError(
    "upstream",
    "model.unreachable",
    `The model server at ${hostOf(endpoint)} does not answer. Try again; if it stays, an administrator checks that it runs`,
    { cause: error },
  );
}

async function* streamOnce(endpoint: ModelEndpoint, call: ModelCall): AsyncGenerator<ModelEvent, void> {
  const provider = createOpenAICompatible({
    name: "osf",
    baseURL: endpoint.url ?? "",
    includeUsage: true,
    ...(endpoint.apiKey ? { apiKey: endpoint.apiKey } : {}),
  });
  const names = new Map(call.tools.map(({ name }) => [wireName(name), name]));
  const tools: ToolSet = Object.fromEntries(
    call.tools.map(({ name, description, inputSchema }) => [
      wireName(name),
      tool({ description, inputSchema: jsonSchema(inputSchema) }),
    ]),
  );
  const { toolChoice } = call;
  const result = streamText({
    model: provider(endpoint.model),
    messages: call.messages.map(sdkMessage),
    allowSystemInMessages: true,
    ...(call.tools.length > 0
      ? {
          tools,
          toolChoice:
            typeof toolChoice === "object"
              ? { type: "tool", toolName: wireName(toolChoice.name) }
              : (toolChoice ?? "auto"),
        }
      : {}),
    ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
    ...(call.maxOutputTokens === undefined ? {} : { maxOutputTokens: call.maxOutputTokens }),
    ...(call.json ? { output: Output.json() } : {}),
    ...(call.requestId ? { headers: { "X-Request-Id": call.requestId } } : {}),
    abortSignal: call.signal,
    maxRetries: 0,
    onError: () => undefined, // the error part below is what counts
  });
  for await (const part of result.stream) {
    if (part.type === "text-delta" && part.text) yield { type: "text", text: part.text };
    else if (part.type === "tool-call")
      yield {
        type: "tool-call",
        call: {
          callId: part.toolCallId,
          name: names.get(part.toolName) ?? part.toolName,
          arguments: argumentsOf(part.input),
        },
      };
    else if (part.type === "error") throw part.error;
    else if (part.type === "abort") throw call.signal.reason;
    else if (part.type === "finish")
      yield {
        type: "finish",
        reason: part.finishReason,
        inputTokens: part.totalUsage.inputTokens ?? 0,
        outputTokens: part.totalUsage.outputTokens ?? 0,
      };
  }
}

/** Models now and then write arguments that are no object; the tool's own validation then says what is wrong. */
const argumentsOf = (input: unknown): Record<string, unknown> =>
  typeof input === "object" && input !== null && !Array.isArray(input)
    ? (input as Record<string, unknown>)
    : { value: input };

function sdkMessage(message: ModelMessage): SdkMessage {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant":
      return {
        role: "assistant",
        content: [
          ...(message.text ? [{ type: "text" as const, text: message.text }] : []),
          ...message.toolCalls.map(({ callId, name, arguments: input }) => ({
            type: "tool-call" as const,
            toolCallId: callId,
            toolName: wireName(name),
            input,
          })),
        ],
      };
    case "tool":
      return {
        role: "tool",
        content: message.results.map(({ callId, name, text }) => ({
          type: "tool-result" as const,
          toolCallId: callId,
          toolName: wireName(name),
          output: { type: "text" as const, value: text },
        })),
      };
  }
}
