import { setTimeout as delay } from "node:timers/promises";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Completion } from "./completion.ts";
import { MODEL_ID } from "./model-list.ts";

type Delta = Record<string, unknown>;

/** The chunks of a streamed answer in the original's order: role, pieces, finish reason, usage if asked for. */
function* chunksOf(completion: Completion, includeUsage: boolean): Generator<{ body: object; visible: boolean }> {
  const chunk = (choices: object[], usage: object | null = null) => ({
    id: completion.id,
    object: "chat.completion.chunk",
    created: completion.created,
    model: MODEL_ID,
    system_fingerprint: "fp_osf_demo",
    choices,
    ...(includeUsage && { usage }),
  });
  const delta = (part: Delta, finish: string | null = null) =>
    chunk([{ index: 0, delta: part, logprobs: null, finish_reason: finish }]);

  yield {
    body: delta({ role: "assistant", content: completion.text === null ? null : "", refusal: null }),
    visible: false,
  };
  for (const piece of completion.text?.match(/\s*\S+|\s+$/gu) ?? [])
    yield { body: delta({ content: piece }), visible: true };
  for (const [index, call] of completion.calls.entries()) {
    const head = { index, id: call.id, type: call.type, function: { name: call.function.name, arguments: "" } };
    yield { body: delta({ tool_calls: [head] }), visible: true };
    for (const piece of call.function.arguments.match(/[^]{1,8}/gu) ?? [])
      yield { body: delta({ tool_calls: [{ index, function: { arguments: piece } }] }), visible: true };
  }
  yield { body: delta({}, completion.finish), visible: false };
  if (includeUsage) yield { body: chunk([], completion.usage), visible: false };
}

/** Writes the completion as server-sent events, `tokenDelayMs` between pieces; ends at once when `signal` aborts. */
export async function streamCompletion(
  response: ServerResponse,
  completion: Completion,
  options: { includeUsage: boolean; tokenDelayMs: number; signal: AbortSignal },
): Promise<void> {
  const { signal, tokenDelayMs } = options;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
  });
  try {
    for (const { body, visible } of chunksOf(completion, options.includeUsage)) {
      if (visible && tokenDelayMs > 0) await delay(tokenDelayMs, undefined, { signal });
      signal.throwIfAborted();
      if (!response.write(`data: ${JSON.stringify(body)}\n\n`)) await once(response, "drain", { signal });
    }
    response.end("data: [DONE]\n\n");
  } catch (error) {
    if (!signal.aborted) throw error;
    response.destroy();
  }
}
