import { authorise, recordOf, type Actor } from "../../kernel/actor.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { RpcError, type ExchangeResult, type Json } from "../../mcp/exchange.ts";
import { shownUrl } from "../../mcp/upstream/address.ts";
import { METADATA_KEY } from "../../mcp/upstream/service/open-service-peer.ts";
import type { Deps } from "../deps.ts";
import type { ServiceAnswer, ServiceRequest } from "./schema.ts";

interface Context {
  requestId: string;
  traceparent?: string | undefined;
  idempotencyKey?: string | undefined;
  signal: AbortSignal;
}

/**
 * One call to a service, in an envelope. What goes wrong at the service is `success: false`; what the caller did wrong is
 * thrown: `missing` (service, operation), `invalid` (parameters), `forbidden`, `limited`. Operations that do more than
 * read need `tool.write`.
 */
export async function requestService(
  { tools, clock, settings }: Pick<Deps, "tools" | "clock" | "settings">,
  actor: Actor,
  { id, service, operation, parameters, metadata }: ServiceRequest,
  { requestId, traceparent, idempotencyKey, signal }: Context,
): Promise<ServiceAnswer> {
  const began = performance.now();
  const known = (await tools.upstreams(actor.workspaceId)).find(({ name, enabled }) => name === service && enabled);
  if (!known) throw missing("service", "upstream.missing");
  let retryCount = 0;
  const answer = (outcome: Pick<ServiceAnswer, "success" | "data" | "error">): ServiceAnswer => ({
    id: id ?? newId("req", clock.now().getTime()),
    requestId,
    timestamp: clock.now().toISOString(),
    ...outcome,
    metadata: {
      processingTime: Math.round(performance.now() - began),
      serviceEndpoint: shownUrl(known.url),
      retryCount,
      cacheHit: false,
    },
  });
  try {
    const tool = (await tools.offer(actor, service)).tools.find(({ listed }) => listed.name === operation);
    if (!tool) throw missing("operation", "tool.missing");
    if (tool.class !== "read") authorise(actor, "tool.write");
    const { timeout, ...passed } = metadata;
    const result = await tools.exchange(service, {
      caller: { actor: recordOf(actor), through: { kind: "program" }, requestId, traceparent, idempotencyKey },
      method: "tools/call",
      params: {
        name: operation,
        arguments: parameters,
        ...(Object.keys(passed).length > 0 && { _meta: { [METADATA_KEY]: passed } }),
      },
      capabilities: {},
      timeoutMs: timeout ?? settings.toolTimeoutMs,
      signal,
      retried: () => retryCount++,
    });
    return answer(outcomeOf(result));
  } catch (error) {
    signal.throwIfAborted();
    const failed = failureOf(error);
    if (!failed) throw error;
    return answer({ success: false, error: failed });
  }
}

/** What is the service's failure and not the caller's; undefined for everything else. */
function failureOf(error: unknown): ServiceAnswer["error"] {
  if (error instanceof RpcError)
    return { code: `rpc.${error.code}`, message: error.message.slice(0, 1_000), mayHaveRun: true };
  if (!(error instanceof AppError) || (error.kind !== "upstream" && error.kind !== "unavailable")) return undefined;
  const { extra, retryAfter } = error.hints;
  return {
    code: error.code,
    message: error.message,
    ...(typeof extra?.["mayHaveRun"] === "boolean" && { mayHaveRun: extra["mayHaveRun"] }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function outcomeOf(result: ExchangeResult): Pick<ServiceAnswer, "success" | "data" | "error"> {
  const parts = Array.isArray(result["content"]) ? (result["content"] as Json[]) : []; // MCP content parts
  const text = parts.flatMap((part) => (part["type"] === "text" ? [String(part["text"])] : [])).join("\n");
  if (result["resultType"] === "input_required")
    return {
      success: false,
      error: { code: "input.required", message: "The operation asks a question, which nobody can answer here" },
    };
  if (result["isError"] === true)
    return { success: false, error: { code: "tool.failed", message: text.slice(0, 10_000) || "The operation failed" } };
  const only = parts.length > 0 && parts.every(({ type }) => type === "text");
  return { success: true, data: result["structuredContent"] ?? (only ? parsed(text) : parts) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
