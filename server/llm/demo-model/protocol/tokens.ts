import { textOf, type ChatRequest } from "./request.ts";

/**
 * Tokens here are an approximation, there being no model with a vocabulary: a token is at most four characters of a
 * word, together with the white space before it. For English and German prose that is close to what real
 * tokenisers count. The same pieces bound `max_tokens`, so that usage and limit agree.
 */
const PIECE = /\s*\S{1,4}|\s+/gu;

export const countTokens = (text: string) => text.match(PIECE)?.length ?? 0;

export function cutToTokens(text: string, limit: number): string {
  return (text.match(PIECE) ?? []).slice(0, limit).join("");
}

/** Each message costs four tokens beside its text and its calls, tools cost what their JSON costs. */
export function countPrompt({ messages, tools }: Pick<ChatRequest, "messages" | "tools">): number {
  let total = tools ? countTokens(JSON.stringify(tools)) : 0;
  for (const message of messages) {
    total += 4 + countTokens(textOf(message.content));
    if (message.role !== "assistant") continue;
    for (const call of message.tool_calls ?? []) total += countTokens(call.function.name + call.function.arguments);
  }
  return total;
}
