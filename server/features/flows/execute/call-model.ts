import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#server/kernel/errors.ts";
import type { ModelCall, ModelMessage, Models, Tier, ToolRequest } from "#server/llm/models.ts";
import type { Deps } from "../../deps.ts";
import type { Execution } from "../../runs/index.ts";
import type { LlmArgs } from "./call-args.ts";

/** Tries beyond the first to get JSON out of a model. */
const MAX_REPAIRS = 2;
/** How often an answer is asked for anew because the model's server broke off in the middle of it. */
const MAX_REWRITES = 2;
/** How long a step waits for a model whose queue is full, before it fails. */
const PATIENCE_MS = 120_000;
const ASK_AGAIN_MS = 1_500;

export interface ModelDeps extends Pick<Deps, "settings"> {
  models: Models;
}

export interface Answer {
  text: string;
  toolCalls: ToolRequest[];
  usage: { inputTokens: number; outputTokens: number };
}

type Asked = Pick<ModelCall, "tier" | "messages"> &
  Partial<Pick<ModelCall, "tools" | "temperature" | "maxOutputTokens" | "json">>;

/** One answer of a model, whole. A full queue and an answer that broke off are tried again; else throws as `Models`. */
export async function askModel(
  { models }: Pick<ModelDeps, "models">,
  { run, requestId, emit }: Pick<Execution, "run" | "requestId" | "emit">,
  asked: Asked,
  signal: AbortSignal,
): Promise<Answer> {
  const giveUp = performance.now() + PATIENCE_MS;
  let { json = false } = asked;
  for (let rewrites = 0; ;) {
    signal.throwIfAborted();
    const answer: Answer = { text: "", toolCalls: [], usage: { inputTokens: 0, outputTokens: 0 } };
    try {
      const stream = models.stream({
        tools: [],
        ...asked,
        json,
        workspaceId: run.workspaceId,
        signal,
        onQueued: (position) => emit("queue", { position }),
        ...(requestId ? { requestId } : {}),
      });
      for await (const event of stream) {
        if (event.type === "text") answer.text += event.text;
        else if (event.type === "tool-call") answer.toolCalls.push(event.call);
        else {
          answer.usage.inputTokens += event.inputTokens;
          answer.usage.outputTokens += event.outputTokens;
        }
      }
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      const busy = error.code === "model.saturated" && performance.now() < giveUp;
      if (busy) await pause(ASK_AGAIN_MS, undefined, { signal });
      else if (json && error.code === "model.refused")
        json = false; // not every server knows the option
      else if (error.code !== "model.interrupted" || rewrites++ === MAX_REWRITES) throw error;
    }
  }
}

/** The tier of a request: a model's name decides where it is one of those that are configured. */
function tierOf({ settings }: Pick<ModelDeps, "settings">, { tier, model }: Pick<LlmArgs, "tier" | "model">): Tier {
  if (!model) return tier;
  for (const name of ["free", "premium"] as const)
    if (model === name || model === `osf-${name}` || model === settings.models[name].model) return name;
  const known = [settings.models.free.model, settings.models.premium.model].join(", ");
  throw new AppError(
    "invalid",
    "model.unknown",
    `There is no model ${model}; there are ${known}. Leave the model empty to use the tier's`,
  );
}

const ONLY_JSON = "Answer with one JSON value and nothing else: no explanation, no Markdown.";

/** `llm.complete`: one prompt, one answer; with `json` a value that parses. Throws `upstream` (`llm.json`, `llm.empty`). */
export async function completeLlm(
  deps: ModelDeps,
  execution: Pick<Execution, "run" | "requestId" | "emit">,
  request: LlmArgs,
  signal: AbortSignal,
) {
  const tier = tierOf(deps, request);
  const { model } = deps.settings.models[tier];
  const system = [request.system, request.json ? ONLY_JSON : ""].filter(Boolean).join("\n\n");
  const messages: ModelMessage[] = [
    ...(system ? [{ role: "system" as const, text: system }] : []),
    { role: "user", text: request.prompt },
  ];
  const usage = { inputTokens: 0, outputTokens: 0 };
  for (let repairs = 0; ; repairs++) {
    const asked: Asked = {
      tier,
      messages,
      temperature: request.temperature,
      ...(request.json ? { json: true } : {}),
      ...(request.maxTokens === undefined ? {} : { maxOutputTokens: request.maxTokens }),
    };
    const answer = await askModel(deps, execution, asked, signal);
    usage.inputTokens += answer.usage.inputTokens;
    usage.outputTokens += answer.usage.outputTokens;
    const { text } = answer;
    if (!text)
      throw new AppError(
        "upstream",
        "llm.empty",
        "The model answered nothing. Put the prompt in other words, or try again",
      );
    if (!request.json) return { text, model, usage };
    const parsed = jsonIn(text);
    if (parsed) return { text, value: parsed.value, model, usage };
    if (repairs === MAX_REPAIRS)
      throw new AppError(
        "upstream",
        "llm.json",
        `The model did not answer with JSON, also when it was asked again: ${text.slice(0, 200)}`,
      );
    messages.push(
      { role: "assistant", text, toolCalls: [] },
      { role: "user", text: `That is not valid JSON. ${ONLY_JSON}` },
    );
  }
}

/** The JSON value that a text is, or that it holds in a fenced block. */
export function jsonIn(text: string): { value: unknown } | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n?```/.exec(text)?.[1];
  for (const candidate of [text, fenced])
    if (candidate !== undefined)
      try {
        return { value: JSON.parse(candidate) as unknown };
      } catch {
        // the next one
      }
  return undefined;
}
