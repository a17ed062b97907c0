import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { ApiMessage, TurnInput } from "../chat/index.ts";
import type { Deps } from "../deps.ts";
import { refuseWhenSaturated } from "../models/index.ts";
import { startRun } from "../runs/index.ts";
import type { ChatCompletion } from "./schema.ts";

const TIERS = { "osf-free": "free", "osf-premium": "premium" } as const;
export const MODEL_IDS = Object.keys(TIERS) as (keyof typeof TIERS)[]; // Object.keys widens the names

/** Starts the run behind one completion. Throws `missing` (`model.missing`), `invalid`, `unavailable`. */
export async function startCompletion(
  deps: Pick<Deps, "db" | "jobs" | "live" | "clock" | "settings">,
  actor: Actor,
  request: ChatCompletion,
  from: { idempotencyKey?: string | undefined; requestId?: string } = {},
): Promise<string> {
  const tier = TIERS[request.model as keyof typeof TIERS] as (typeof TIERS)[keyof typeof TIERS] | undefined; // any text may have been asked for
  if (!tier)
    throw new AppError(
      "missing",
      "model.missing",
      `There is no model ${request.model}; there are ${MODEL_IDS.join(" and ")}`,
    );
  await refuseWhenSaturated(deps, tier);
  const { tool_choice: choice, temperature } = request;
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens;
  const input: TurnInput = {
    source: "api",
    tier,
    messages: messagesOf(request.messages),
    tools:
      request.tools?.map(({ function: f }) => ({
        name: f.name,
        description: f.description,
        inputSchema: f.parameters ?? { type: "object", properties: {} },
      })) ?? null,
    ...(choice ? { toolChoice: typeof choice === "string" ? choice : { name: choice.function.name } } : {}),
    ...(temperature === null || temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens ? { maxOutputTokens } : {}),
  };
  const question = input.messages.findLast(({ role }) => role === "user");
  const title = question?.role === "user" ? question.text.slice(0, 80) : "Completion";
  const { run } = await deps.db.$transaction((tx) =>
    startRun(deps, tx, actor, { kind: "chat", title, trigger: "api", input, ...from }),
  );
  return run.id;
}

type Content = ChatCompletion["messages"][number]["content"];
const textOf = (content: Content): string =>
  typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join("");

function messagesOf(messages: ChatCompletion["messages"]): ApiMessage[] {
  const names = new Map<string, string>();
  const result: ApiMessage[] = [];
  messages.forEach((message, at) => {
    switch (message.role) {
      case "system":
      case "developer":
        result.push({ role: "system", text: textOf(message.content) });
        break;
      case "user":
        result.push({ role: "user", text: textOf(message.content) });
        break;
      case "assistant": {
        const toolCalls = (message.tool_calls ?? []).map(({ id, function: f }, i) => {
          names.set(id, f.name);
          return {
            callId: id,
            name: f.name,
            arguments: parseArguments(f.arguments, `messages[${at}].tool_calls[${i}].function.arguments`),
          };
        });
        result.push({ role: "assistant", text: textOf(message.content), toolCalls });
        break;
      }
      case "tool": {
        const name = names.get(message.tool_call_id);
        if (!name)
          throw invalid(`messages[${at}].tool_call_id`, "No assistant message before it has a tool call with this id");
        const answer = { callId: message.tool_call_id, name, text: textOf(message.content) };
        const last = result.at(-1);
        if (last?.role === "tool") last.results.push(answer);
        else result.push({ role: "tool", results: [answer] });
      }
    }
  });
  return result;
}

const invalid = (path: string, message: string) =>
  new AppError("invalid", "request.invalid", `${path}: ${message}`, { fields: [{ path, message }] });

function parseArguments(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text || "{}");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw invalid(path, "Must be the JSON of an object");
}
