import { AppError } from "#server/kernel/errors.ts";
import type { ModelMessage, Models, OfferedTool, ToolRequest } from "#server/llm/models.ts";
import type { Execution, RunUsage } from "../runs/index.ts";
import type { TurnInput } from "./schema.ts";
import type { Turn } from "./turn.schema.ts";

/** One answer of the model, durable when this resolves; its tools are not called yet. */
export async function callModel(
  { models }: { models: Models },
  { run, requestId, signal, commit }: Execution,
  emit: Execution["emit"],
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
