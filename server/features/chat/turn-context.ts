import type { ChatMessage } from "#server/generated/prisma/client.ts";
import type { ActorRecord } from "#server/kernel/actor.ts";
import { allows, type Permission } from "#server/kernel/permissions.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import { permissionFor } from "#server/mcp/policy-stage.ts";
import type { ModelMessage } from "#server/llm/models.ts";
import type { Deps } from "../deps.ts";
import type { TurnInput } from "./schema.ts";
import { textForModel } from "./tool-results.ts";
import type { MessagePart, Step, ToolPart, Turn } from "./turn.schema.ts";

/** Messages of a conversation that a model is given, the question included. */
const MAX_MESSAGES = 20;

const systemPrompt = (now: Date, actor: ActorRecord) =>
  [
    "You are the assistant of a factory. You answer the people of its shop floor from the plant's own systems, which you reach through tools.",
    "Use the tools for every statement about the plant; never guess numbers. Say which tool an answer comes from. If a tool fails, say so and what can be done.",
    "Answer in the language of the question, first the answer in a sentence, then, where rows are compared, a Markdown table with units.",
    `It is ${now.toISOString()} (UTC). You speak with ${actor.name}.`,
  ].join("\n");

/** The conversation up to the question, as the model takes it. */
export async function contextOf(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: ActorRecord,
  input: TurnInput,
): Promise<ModelMessage[]> {
  const system: ModelMessage = { role: "system", text: systemPrompt(clock.now(), actor) };
  if (input.source === "api")
    return input.messages.some(({ role }) => role === "system") ? input.messages : [system, ...input.messages];
  const messages = await db.chatMessage.findMany({
    where: {
      sessionId: input.sessionId,
      workspaceId: actor.workspaceId,
      supersededAt: null,
      id: { lte: input.messageId },
    },
    orderBy: { id: "desc" },
    take: MAX_MESSAGES,
  });
  return [system, ...messages.toReversed().flatMap(fromStored)];
}

function fromStored({ role, parts: stored }: ChatMessage): ModelMessage[] {
  const parts = stored as unknown as MessagePart[]; // written by this feature alone
  if (role === "user")
    return [{ role: "user", text: parts.map((part) => (part.type === "text" ? part.text : "")).join("") }];
  const messages: ModelMessage[] = [];
  for (let i = 0; i < parts.length;) {
    let text = "";
    for (let part = parts[i]; part?.type === "text"; part = parts[++i]) text += part.text;
    const calls: ToolPart[] = [];
    for (let part = parts[i]; part?.type === "tool"; part = parts[++i]) calls.push(part);
    if (text || calls.length > 0) messages.push(...stepMessages({ text, calls }));
    else i++;
  }
  return messages;
}

/** One step of the model and the results of its tools. */
function stepMessages({ text, calls }: Pick<Step, "text" | "calls">): ModelMessage[] {
  const assistant: ModelMessage = {
    role: "assistant",
    text,
    toolCalls: calls.map(({ callId, name, arguments: args }) => ({ callId, name, arguments: args })),
  };
  if (calls.length === 0) return [assistant];
  return [
    assistant,
    { role: "tool", results: calls.map(({ callId, name, result }) => ({ callId, name, text: textForModel(result) })) },
  ];
}

/** What the turn itself has added so far. */
export const messagesOf = (turn: Turn): ModelMessage[] =>
  turn.steps.filter(({ finished }) => finished).flatMap(stepMessages);

/**
 * Tools that the model may ask for: those that only read, and for roles that may act on the plant also the others;
 * dangerous ones among them, because each call of those waits for a person's consent. A key that is limited to scopes
 * reaches no further by asking the model.
 */
export async function toolsFor(
  { tools }: Pick<Deps, "tools">,
  actor: ActorRecord,
  scopes: readonly string[] | null,
): Promise<Tool[]> {
  const all = await tools.list(actor);
  const may = (permission: Permission) => allows({ role: actor.role, owner: false, scopes }, permission);
  return all.filter((tool) => may(permissionFor(tool.class)));
}

/** What was asked last, for tools that fit it. */
export const questionOf = (messages: readonly ModelMessage[]): string => {
  const last = messages.findLast(({ role }) => role === "user");
  return last?.role === "user" ? last.text.slice(0, 1_000) : "";
};

/** Names of the tools that the conversation used, latest first; of `mcp-exec` the tool that it called. */
export const usedTools = (messages: readonly ModelMessage[]): string[] => [
  ...new Set(
    messages
      .flatMap((message) => (message.role === "assistant" ? message.toolCalls : []))
      .toReversed()
      .map(({ name, arguments: args }) => (name === "mcp-exec" ? String(args["name"]) : name)),
  ),
];
