import { AppError } from "#server/kernel/errors.ts";
import type { Models } from "#server/llm/models.ts";
import { createFlowToolCache, type DiscoveryDeps, type FlowToolCache } from "../own-tools/index.ts";
import type { Execution, RunExecutor, RunResult, RunUsage, Suspension } from "../runs/index.ts";
import { callModel } from "./call-model.ts";
import { callTools } from "./call-tools.ts";
import type { Calling } from "./calling.ts";
import type { TurnInput } from "./schema.ts";
import { contextOf, messagesOf, questionOf, usedTools } from "./turn-context.ts";
import { NO_TOOLS, starterOf, turnTools } from "./turn-tools.ts";
import { foldEvent, foldTurn, type Step } from "./turn.schema.ts";

type TurnDeps = DiscoveryDeps & { models: Models };

/** Calls of the model in one turn; the last one is made without tools, so that it answers. */
const MAX_STEPS = 8;
/** Beside them, those that only looked for tools. */
const MAX_LOOKS = 6;
/** How often a passage is written anew because the model's server broke off in the middle of it. */
const MAX_REWRITES = 2;

/**
 * Executes chat turns: the model, the tools it asks for, the model again, until it answers.
 *
 * Each step of the model is durable before its tools are called, each call before it leaves, each result before the
 * model sees it. A turn that is taken up again therefore goes on with the first thing that has no result: a passage
 * that was cut off is withdrawn and written anew; a tool call whose result was lost is repeated only where the tool
 * says that this changes nothing.
 */
export function chatExecutor(deps: TurnDeps): RunExecutor {
  const flows = createFlowToolCache(deps);
  return { kind: "chat", execute: (execution) => executeTurn(deps, flows, execution) };
}

async function executeTurn(
  deps: TurnDeps,
  flows: FlowToolCache,
  execution: Execution,
): Promise<RunResult | Suspension> {
  const { run, actor, history, signal } = execution;
  const input = run.input as unknown as TurnInput; // written by this feature's start functions alone
  const turn = foldTurn(history);
  const usage = usedBefore(history);
  // Events are folded as they are emitted: the state in memory is what a reader of the log would know.
  const emit = (type: string, data: Record<string, unknown>) => {
    foldEvent(turn, { seq: turn.seq + 1, type, data, at: deps.clock.now() });
    execution.emit(type, data);
  };
  for (const { part, finished } of turn.steps)
    if (!finished) emit("content_withdrawn", { part, reason: "interrupted" });

  const context = await contextOf(deps, actor, input);
  const ownTools = input.source === "api" ? input.tools : null;
  const look = () =>
    turnTools(deps, flows, {
      actor: starterOf(execution),
      question: questionOf(context),
      recent: usedTools(context),
    });
  let stale = false;
  const calling: Calling = {
    deps,
    execution,
    emit,
    turn,
    usage,
    tools: ownTools ? NO_TOOLS : await look(),
    interactive: input.source === "session",
    asked: history.length > 0 ? await execution.calls() : [],
    changed: () => (stale = true),
  };

  let part = Math.max(0, ...history.map(({ data }) => (typeof data["part"] === "number" ? data["part"] : 0)));
  for (;;) {
    const last = turn.steps.at(-1);
    if (last && !ownTools && (await callTools(calling, last.calls)) === "waiting") return { suspend: "waiting", usage };
    if (last && (ownTools || last.calls.length === 0)) break;
    if (stale) calling.tools = await look();
    stale = false;
    const { offered } = calling.tools;
    const lastStep = turn.steps.length - Math.min(MAX_LOOKS, looks(turn.steps)) + 1 >= MAX_STEPS;
    const messages = [...context, ...messagesOf(turn)];
    for (let again = 0; ; again++) {
      signal.throwIfAborted();
      part++;
      try {
        await callModel(
          deps,
          execution,
          emit,
          { part, input, messages, tools: lastStep ? [] : (ownTools ?? offered), turn },
          usage,
        );
        break;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "model.interrupted" || again === MAX_REWRITES) throw error;
        if (turn.steps.some((step) => step.part === part)) emit("content_withdrawn", { part, reason: "interrupted" });
      }
    }
  }
  const text = turn.steps.at(-1)?.text ?? "";
  return {
    output: {
      text,
      toolCalls: ownTools ? (turn.steps.at(-1)?.calls ?? []) : [],
      finish: ownTools && turn.steps.at(-1)?.calls.length ? "tool_calls" : "stop",
    },
    usage,
  };
}

const looks = (steps: readonly Step[]) =>
  steps.filter(({ calls }) => calls.length > 0 && calls.every(({ name }) => name === "mcp-find")).length;

/** What earlier attempts used, as far as their model calls came to an end and so told it. */
function usedBefore(history: Execution["history"]): RunUsage {
  const usage = { inputTokens: 0, outputTokens: 0, modelCalls: 0, toolCalls: 0 };
  for (const { type, data } of history) {
    if (type === "tool_result") usage.toolCalls++;
    if (type === "content_withdrawn") usage.modelCalls++;
    if (type !== "model_done") continue;
    const spent = data["usage"] as Pick<RunUsage, "inputTokens" | "outputTokens">; // written by callModel
    usage.modelCalls++;
    usage.inputTokens += spent.inputTokens;
    usage.outputTokens += spent.outputTokens;
  }
  return usage;
}
