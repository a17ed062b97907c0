import { AppError, missing } from "../kernel/errors.ts";
import { RpcError, type Exchange, type ExchangeResult, type Json } from "./exchange.ts";
import type { ToolCall, ToolOutcome } from "./gateway.ts";
import { splitToolName } from "./names.ts";
import { isObject } from "./upstream/message.ts";

/**
 * A call by the name that people and models use, as an exchange. Whoever calls so cannot be asked back: a tool that does
 * is in error.
 */
export async function callTool(
  call: ToolCall,
  defaultTimeoutMs: number,
  exchange: (upstream: string, exchange: Exchange) => Promise<ExchangeResult>,
): Promise<ToolOutcome> {
  const began = performance.now();
  const { actor, through = { kind: "program" as const }, runId, requestId, traceparent, idempotencyKey } = call;
  const parts = splitToolName(call.name);
  try {
    const result = await exchange(parts?.server ?? call.name, {
      caller: { actor, through, runId, requestId, traceparent, idempotencyKey },
      method: "tools/call",
      params: { name: parts?.tool, arguments: call.args },
      capabilities: {},
      timeoutMs: call.timeoutMs ?? defaultTimeoutMs,
      signal: call.signal,
      notify: call.onProgress && progressTo(call.onProgress),
    });
    if (result["resultType"] === "input_required")
      throw protocolError(call.name, "it asks a question back, which nobody can answer here");
    return { ...outcomeOf(result), durationMs: Math.round(performance.now() - began) };
  } catch (error) {
    if (error instanceof AppError && error.code === "upstream.missing") throw missing("tool");
    if (!(error instanceof RpcError)) throw error;
    throw protocolError(call.name, `its server answered an error: ${oneLine(error.message)}`, error);
  }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 300);
const protocolError = (tool: string, reason: string, cause?: unknown) =>
  new AppError("upstream", "tool.protocol", `The tool ${tool} cannot be used: ${reason}`, {
    extra: { mayHaveRun: true },
    detail: { tool },
    cause,
  });

const progressTo =
  (heard: NonNullable<ToolCall["onProgress"]>): Exchange["notify"] =>
  ({ method, params: { progress, total, message } }) => {
    if (method !== "notifications/progress" || typeof progress !== "number") return;
    heard({
      progress,
      ...(typeof total === "number" && { total }),
      ...(typeof message === "string" && { message }),
    });
  };

function outcomeOf({ content, structuredContent, isError }: Json): Omit<ToolOutcome, "durationMs"> {
  const parts = Array.isArray(content) ? content.filter(isObject) : [];
  const text = parts.flatMap(({ type, text }) => (type === "text" ? [String(text)] : [])).join("\n");
  return { failed: isError === true, value: structuredContent === undefined ? parsed(text) : structuredContent, text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
