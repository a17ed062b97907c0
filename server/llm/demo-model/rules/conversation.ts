import { textOf, type ChatMessage } from "../protocol/request.ts";

export interface Conversation {
  system: string;
  /** What the person wrote, oldest first, data left out. */
  asked: string[];
  /** The last message as it was written. */
  last: string;
  /** Calls since the last message of the person, with their answers. */
  calls: { name: string; args: Record<string, unknown>; content: string }[];
  /** How many steps of calls there were since then. */
  steps: number;
}

const REMEMBERED = 6;
const MAX_QUESTION = 1000;
/** Of what a message is made of beside data; the rest is no question. */
const MAX_READ = 10_000;
const MAX_DATA = 1_000_000;

export function readConversation(messages: ChatMessage[]): Conversation {
  const users = messages.filter((message) => message.role === "user").map((message) => textOf(message.content));
  const since = messages.slice(messages.findLastIndex((message) => message.role === "user") + 1);
  const answers = new Map(
    since.flatMap((message) =>
      message.role === "tool" ? [[message.tool_call_id, textOf(message.content)] as const] : [],
    ),
  );
  const called = since.flatMap((message) => (message.role === "assistant" ? (message.tool_calls ?? []) : []));
  return {
    system: messages
      .filter((message) => message.role === "system" || message.role === "developer")
      .map((message) => textOf(message.content))
      .join("\n"),
    asked: users.slice(-REMEMBERED).map((text) => withoutData(text).slice(0, MAX_QUESTION)),
    last: users.at(-1) ?? "",
    calls: called.map((call) => ({
      name: call.function.name,
      args: parseArguments(call.function.arguments),
      content: answers.get(call.id) ?? "",
    })),
    steps: since.filter((message) => message.role === "assistant" && message.tool_calls).length,
  };
}

function parseArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {}; // an object has string keys
  } catch {
    return {};
  }
}

const FENCE = /```[a-z]*\n([^]*?)```/i;

/** Data that a person, or a flow, wrote into the message itself. */
export function dataIn(text: string): string | undefined {
  if (text.length > MAX_DATA) return undefined;
  // Where a message ends in JSON, it begins at the first bracket after white space.
  const start = /(?:^|\s)[[{]/.exec(text);
  const candidate =
    FENCE.exec(text)?.[1] ?? (start && /[\]}]\s*$/.test(text.slice(-20)) ? text.slice(start.index).trim() : undefined);
  if (!candidate) return undefined;
  try {
    JSON.parse(candidate);
    return candidate;
  } catch {
    return undefined;
  }
}

const withoutData = (text: string) => {
  const data = dataIn(text);
  return (data ? text.replace(data, () => " ") : text)
    .slice(0, MAX_READ)
    .replaceAll(/```[a-z]*|<[^>]{0,200}>/gi, " ")
    .trim();
};
