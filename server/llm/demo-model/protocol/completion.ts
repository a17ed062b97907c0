import { randomBytes } from "node:crypto";
import type { ChatRequest } from "./request.ts";
import { MODEL_ID } from "./model-list.ts";
import { countPrompt, countTokens, cutToTokens } from "./tokens.ts";

/** What the rules decided: words for the person, or calls of tools (by the names they were offered under). */
export type Reply =
  { kind: "text"; text: string } | { kind: "calls"; calls: { name: string; args: Record<string, unknown> }[] };

export interface Completion {
  id: string;
  created: number;
  text: string | null;
  calls: { id: string; type: "function"; function: { name: string; arguments: string } }[];
  finish: "stop" | "length" | "tool_calls";
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** Applies the request's stop sequences and token limit to a reply, and counts it. */
export function completeReply(request: ChatRequest, reply: Reply, now: Date): Completion {
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const base = { id: `chatcmpl-${randomBytes(15).toString("base64url")}`, created: Math.floor(now.getTime() / 1000) };
  if (reply.kind === "text") {
    const stopped = cutAtStop(reply.text, request.stop);
    const fits = countTokens(stopped) <= limit;
    const text = fits ? stopped : cutToTokens(stopped, limit);
    return { ...base, text, calls: [], finish: fits ? "stop" : "length", usage: usage(request, countTokens(text)) };
  }
  let left = limit;
  let cut = false;
  const calls: Completion["calls"] = [];
  for (const call of reply.calls) {
    const whole = JSON.stringify(call.args);
    left -= countTokens(call.name);
    if (left < 1) {
      cut = true;
      break;
    }
    const args = cutToTokens(whole, left);
    cut ||= args.length < whole.length;
    left -= countTokens(args);
    calls.push({
      id: `call_${randomBytes(12).toString("hex")}`,
      type: "function",
      function: { name: call.name, arguments: args },
    });
  }
  const spent = calls.reduce(
    (sum, call) => sum + countTokens(call.function.name) + countTokens(call.function.arguments),
    0,
  );
  return { ...base, text: null, calls, finish: cut ? "length" : "tool_calls", usage: usage(request, spent) };
}

function cutAtStop(text: string, stop: ChatRequest["stop"]): string {
  const places = [stop ?? []]
    .flat()
    .map((sequence) => (sequence ? text.indexOf(sequence) : -1))
    .filter((at) => at >= 0);
  return places.length > 0 ? text.slice(0, Math.min(...places)) : text;
}

function usage(request: ChatRequest, completion: number) {
  const prompt = countPrompt(request);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

/** The answer to a request that does not stream. */
export function completionBody(completion: Completion) {
  const message = {
    role: "assistant",
    content: completion.text,
    refusal: null,
    ...(completion.calls.length > 0 && { tool_calls: completion.calls }),
  };
  return {
    id: completion.id,
    object: "chat.completion",
    created: completion.created,
    model: MODEL_ID,
    choices: [{ index: 0, message, logprobs: null, finish_reason: completion.finish }],
    usage: completion.usage,
    system_fingerprint: "fp_osf_demo",
  };
}
