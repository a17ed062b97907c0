import type { RunEventView, RunUsage } from "../runs/index.ts";
import { foldEvent, newTurn, type Turn } from "../chat/turn.schema.ts";

interface Head {
  id: string;
  model: string;
  /** Seconds. */
  created: number;
}

const usageOf = (usage: RunUsage | undefined) => {
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
};

const callsOf = (turn: Turn) =>
  (turn.steps.at(-1)?.calls ?? []).map(({ callId, name, arguments: args }, index) => ({
    index,
    id: callId,
    type: "function",
    function: { name, arguments: JSON.stringify(args) },
  }));

/** The answer's text: that of the last step; what the model wrote before it asked the plant's tools is not the answer. */
export function completion({ id, model, created }: Head, turn: Turn, ownTools: boolean) {
  const calls = ownTools ? callsOf(turn).map(({ index: _index, ...call }) => call) : [];
  return {
    id,
    object: "chat.completion",
    created,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: turn.steps.at(-1)?.text || null,
          refusal: null,
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: calls.length > 0 ? "tool_calls" : "stop",
      },
    ],
    usage: usageOf(turn.usage),
  };
}

/**
 * The events of a run as `chat.completion.chunk`s. OpenAI's protocol cannot take text back: a passage that was cut off
 * and is written anew is followed by a blank line and the new one. A failure is an `error` object, as their server does.
 */
export async function* chunks(
  { id, model, created }: Head,
  events: AsyncIterable<RunEventView>,
  { ownTools, includeUsage }: { ownTools: boolean; includeUsage: boolean },
): AsyncGenerator<{ data: unknown }> {
  const turn = newTurn();
  const chunk = (delta: Record<string, unknown>, finish: string | null = null) => ({
    data: {
      id,
      object: "chat.completion.chunk",
      created,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(includeUsage ? { usage: null } : {}),
    },
  });
  yield chunk({ role: "assistant", content: "" });
  for await (const event of events) {
    foldEvent(turn, event);
    if (event.type === "content") yield chunk({ content: event.data["text"] });
    else if (event.type === "content_withdrawn") yield chunk({ content: "\n\n" });
    else if (event.type === "error" || event.type === "cancelled") {
      yield {
        data: {
          error: {
            message: turn.error?.message ?? "The run was cancelled",
            type: "server_error",
            code: turn.error?.code ?? "run.cancelled",
            param: null,
          },
        },
      };
      return;
    }
  }
  if (turn.state !== "complete") return; // the stream ends, the run does not
  const calls = ownTools ? callsOf(turn) : [];
  if (calls.length > 0) yield chunk({ tool_calls: calls });
  yield chunk({}, calls.length > 0 ? "tool_calls" : "stop");
  if (includeUsage)
    yield { data: { id, object: "chat.completion.chunk", created, model, choices: [], usage: usageOf(turn.usage) } };
  yield { data: "[DONE]" };
}
