import { AppError } from "#server/kernel/errors.ts";
import type { ModelMessage, Models, OfferedTool, ToolRequest } from "#server/llm/models.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import type { Execution, RunExecutor, RunUsage } from "../runs/index.ts";
import type { TurnInput } from "./schema.ts";
import { keptResult } from "./tool-results.ts";
import { contextOf, messagesOf, toolsFor } from "./turn-context.ts";
import { foldEvent, foldTurn, type ToolPart, type Turn } from "./turn.schema.ts";

type TurnDeps = Pick<Deps, "db" | "clock" | "tools"> & { models: Models };

/** Calls of the model in one turn; the last one is made without tools, so that it answers. */
const MAX_STEPS = 8;
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
export const chatExecutor = (deps: TurnDeps): RunExecutor => ({
  kind: "chat",
  execute: (execution) => executeTurn(deps, execution),
});

async function executeTurn(deps: TurnDeps, execution: Execution) {
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
  const tools = ownTools ? [] : await toolsFor(deps, actor, execution.scopes);
  const offered: OfferedTool[] = ownTools ?? tools;

  let part = Math.max(0, ...history.map(({ data }) => (typeof data["part"] === "number" ? data["part"] : 0)));
  for (;;) {
    const last = turn.steps.at(-1);
    if (last && !ownTools) await callTools(deps, execution, emit, tools, last.calls, usage);
    if (last && (ownTools || last.calls.length === 0)) break;
    const lastStep = turn.steps.length + 1 >= MAX_STEPS;
    const messages = [...context, ...messagesOf(turn)];
    for (let again = 0; ; again++) {
      signal.throwIfAborted();
      part++;
      try {
        await callModel(deps, execution, emit, { part, input, messages, tools: lastStep ? [] : offered, turn }, usage);
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

type Emit = Execution["emit"];

async function callModel(
  { models }: TurnDeps,
  { run, requestId, signal, commit }: Execution,
  emit: Emit,
  {
    part,
    input,
    messages,
    tools,
    turn,
  }: { part: number; input: TurnInput; messages: ModelMessage[]; tools: OfferedTool[]; turn: Turn },
  usage: RunUsage,
): Promise<void> {
  const known = new Set(turn.steps.flatMap(({ calls }) => calls.map(({ callId }) => callId)));
  const toolCalls: ToolRequest[] = [];
  let text = "";
  const spent = { inputTokens: 0, outputTokens: 0 };
  usage.modelCalls++;
  const stream = models.stream({
    tier: input.tier,
    workspaceId: run.workspaceId,
    messages,
    tools,
    signal,
    onQueued: (position) => emit("queue", { position }),
    ...(requestId ? { requestId } : {}),
    ...(input.source === "api" ? optionsOf(input) : {}),
  });
  for await (const event of stream) {
    if (event.type === "text") {
      text += event.text;
      emit("content", { part, text: event.text });
    } else if (event.type === "tool-call") {
      // Some servers number the calls of each answer from nought: within a turn an id must name one call.
      const callId = known.has(event.call.callId) ? `${event.call.callId}_${part}` : event.call.callId;
      known.add(callId);
      toolCalls.push({ ...event.call, callId });
    } else {
      spent.inputTokens += event.inputTokens;
      spent.outputTokens += event.outputTokens;
    }
  }
  if (!text && toolCalls.length === 0)
    throw new AppError(
      "upstream",
      "model.empty",
      "The model answered nothing. Try again, or put the question in other words",
    );
  usage.inputTokens += spent.inputTokens;
  usage.outputTokens += spent.outputTokens;
  emit("model_done", { part, text, toolCalls, usage: spent });
  await commit();
}

function optionsOf({ toolChoice, temperature, maxOutputTokens }: Extract<TurnInput, { source: "api" }>) {
  return {
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

/** Calls those tools of a step that have no result yet, side by side. */
async function callTools(
  deps: TurnDeps,
  execution: Execution,
  emit: Emit,
  tools: Tool[],
  calls: ToolPart[],
  usage: RunUsage,
): Promise<void> {
  await Promise.all(
    calls.filter(({ state }) => state === "running").map((call) => callTool(deps, execution, emit, tools, call, usage)),
  );
}

async function callTool(
  { tools: gateway }: TurnDeps,
  { run, actor, requestId, signal, commit }: Execution,
  emit: Emit,
  tools: Tool[],
  call: ToolPart,
  usage: RunUsage,
): Promise<void> {
  const { callId, name } = call;
  const tool = tools.find((candidate) => candidate.name === name);
  const left = call.startedAt !== undefined; // by an attempt that died before the result was written
  const finish = async (result: unknown, failed: boolean, durationMs: number) => {
    emit("tool_result", { callId, name, result, failed, durationMs });
    await commit();
  };
  if (!left) {
    emit("tool_start", { callId, name, title: tool?.title ?? name, arguments: call.arguments });
    await commit();
  }
  if (!tool) return finish(`There is no tool ${name} that you may use`, true, 0);
  if (left && !tool.repeatable)
    return finish(
      "The gateway was interrupted while this call was under way. Whether it took effect is not known; it was not repeated. Check in the system itself",
      true,
      0,
    );
  usage.toolCalls++;
  const started = performance.now();
  try {
    const outcome = await gateway.call({
      actor,
      name,
      args: call.arguments,
      runId: run.id,
      ...(requestId ? { requestId } : {}),
      idempotencyKey: `${run.id}/${callId}`,
      signal,
    });
    await finish(keptResult(outcome), outcome.failed, Math.round(outcome.durationMs));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    await finish(explain(error), true, Math.round(performance.now() - started));
  }
}

/** The failure in words that help the model to do better: which argument is wrong, and how. */
const explain = ({ message, hints: { fields = [] } }: AppError) =>
  [message, ...fields.map((field) => `${field.path}: ${field.message}`)].join("\n");
