import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { ApiMessage, TurnInput } from "../../chat/index.ts";
import { foldEvent, newTurn, type Turn } from "../../chat/turn.schema.ts";
import type { Deps } from "../../deps.ts";
import { refuseWhenSaturated } from "../../models/index.ts";
import { cancelRun, startRunNow, watchRun } from "../../runs/index.ts";
import { settlers } from "../../settlers.ts";
import type { LlmAsk } from "./internal.schema.ts";

export type AskDeps = Pick<Deps, "db" | "sql" | "live" | "clock" | "settings" | "tools" | "log">;
type ApiInput = Extract<TurnInput, { source: "api" }>;

/**
 * One answer of a model, as a run of its own, so that it is seen, counted and bounded like every other. Throws what
 * the run failed with. When whoever asked is gone, the run is cancelled.
 */
export async function modelTurn(
  deps: AskDeps,
  actor: Actor,
  input: Omit<ApiInput, "source">,
  signal: AbortSignal,
): Promise<Turn> {
  await refuseWhenSaturated(deps, input.tier);
  const question = input.messages.findLast(({ role }) => role === "user");
  const title = question?.role === "user" ? question.text.slice(0, 80) : "Question of a flow";
  const { run } = await startRunNow(deps, actor, {
    kind: "chat",
    title,
    trigger: "pod",
    input: { source: "api", ...input },
  });
  const turn = newTurn();
  for await (const event of watchRun(deps, run.id, 0, signal)) foldEvent(turn, event);
  if (signal.aborted) {
    await cancelRun(deps, settlers, actor, { id: run.id }).catch(() => undefined); // over already
    throw new AppError("unavailable", "pod.gone", "The flow no longer waits for the answer");
  }
  if (turn.state !== "complete")
    throw new AppError(
      "upstream",
      turn.error?.code ?? "run.cancelled",
      turn.error?.message ?? "The run was cancelled",
      {
        extra: { runId: run.id },
      },
    );
  return turn;
}

export const textOf = (turn: Turn): string => turn.steps.at(-1)?.text ?? "";
export const usageOf = (turn: Turn) => ({
  inputTokens: turn.usage?.inputTokens ?? 0,
  outputTokens: turn.usage?.outputTokens ?? 0,
});

const ONLY_JSON = "Answer with one JSON value and nothing else: no explanation, no code fence.";

/** A question of an osf-llm or osf-prompt node. With `json` an answer that does not parse is asked for once more. */
export async function complete(deps: AskDeps, actor: Actor, ask: LlmAsk, signal: AbortSignal) {
  const { system, prompt, tier, temperature, json, maxTokens } = ask;
  const head = [system, json ? ONLY_JSON : ""].filter(Boolean).join("\n");
  const messages: ApiMessage[] = [
    { role: "system", text: head || "You answer a step of an automation. Be exact and brief." },
    { role: "user", text: prompt },
  ];
  const input = { tier, temperature, tools: [], ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }) };
  const usage = { inputTokens: 0, outputTokens: 0 };
  for (let again = 0; ; again++) {
    const turn = await modelTurn(deps, actor, { ...input, messages }, signal);
    const text = textOf(turn);
    usage.inputTokens += usageOf(turn).inputTokens;
    usage.outputTokens += usageOf(turn).outputTokens;
    const model = deps.settings.models[tier].model;
    if (!json) return { text, model, usage };
    try {
      return { text, value: JSON.parse(withoutFence(text)) as unknown, model, usage };
    } catch (cause) {
      if (again === 1)
        throw new AppError("upstream", "model.not-json", "The model did not answer with JSON, also when asked again", {
          cause,
        });
      messages.push(
        { role: "assistant", text, toolCalls: [] },
        { role: "user", text: `That is not valid JSON (${(cause as Error).message}). ${ONLY_JSON}` },
      );
    }
  }
}

const withoutFence = (text: string) => /^\s*```(?:json)?\s*([\s\S]*?)```\s*$/.exec(text)?.[1] ?? text;
