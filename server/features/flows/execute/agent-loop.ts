import type { CallRef } from "#server/engine/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { ModelMessage } from "#server/llm/models.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import { textForModel, toolsFor } from "../../chat/index.ts";
import type { Deps } from "../../deps.ts";
import type { Execution } from "../../runs/index.ts";
import type { AgentArgs } from "./call-args.ts";
import type { Answer } from "./call-model.ts";

/** Calls of one agent: its own are numbered behind the number of the call that it is. */
export const INNER = 100_000;
/** Calls of tools that one round of the model may ask for; what is beyond is refused. */
const MAX_CALLS_A_ROUND = 20;

/** Ways out of the loop, each durable by itself: an agent that is taken up again repeats nothing that has an answer. */
export interface AgentWays {
  ask(ref: CallRef, messages: ModelMessage[], tools: Tool[]): Promise<Answer>;
  /** Rejects with AppError; the model is told. */
  use(
    ref: CallRef,
    tool: Tool,
    args: Record<string, unknown>,
  ): Promise<{ failed: boolean; value: unknown; text: string; durationMs: number }>;
}

/** The agent's tools: those that match a name or a pattern (`fertigung.*`) and that the starter may use. */
async function agentTools(
  deps: Pick<Deps, "tools">,
  { actor, scopes }: Pick<Execution, "actor" | "scopes">,
  wanted: readonly string[],
): Promise<Tool[]> {
  if (wanted.length === 0) return [];
  const patterns = wanted.map((pattern) => new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`));
  const usable = await toolsFor(deps, actor, scopes);
  return usable.filter(({ name }) => patterns.some((pattern) => pattern.test(name)));
}

const contextText = (context: unknown) =>
  context === undefined || context === null
    ? []
    : [`Context:\n${typeof context === "string" ? context : JSON.stringify(context)}`];

/** `agent.run`: the model, the tools it asks for, the model again, until it answers; the last round is without tools. */
export async function runAgent(
  deps: Pick<Deps, "tools">,
  execution: Execution,
  ref: CallRef,
  { agent, instructions, tools: wanted, input, context, iterations }: AgentArgs,
  ways: AgentWays,
) {
  if (agent)
    throw new AppError(
      "missing",
      "agent.missing",
      `This workspace has no agent ${agent}. Describe the agent in the node itself: instructions and tools`,
    );
  const tools = await agentTools(deps, execution, wanted);
  const messages: ModelMessage[] = [
    {
      role: "system",
      text:
        instructions?.trim() ||
        "You carry out a task in a factory. Use the tools for every statement about the plant; never guess numbers.",
    },
    { role: "user", text: [...contextText(context), input].join("\n\n") },
  ];
  const usage = { inputTokens: 0, outputTokens: 0 };
  const calls: { tool: string; args: unknown; failed: boolean; durationMs: number }[] = [];
  let inner = ref.n * INNER;
  const next = (): CallRef => ({ step: ref.step, n: ++inner });

  for (let round = 1; ; round++) {
    const last = round >= iterations || tools.length === 0;
    const answer = await ways.ask(next(), messages, last ? [] : tools);
    usage.inputTokens += answer.usage.inputTokens;
    usage.outputTokens += answer.usage.outputTokens;
    if (last || answer.toolCalls.length === 0) return { text: answer.text, calls, usage };
    messages.push({ role: "assistant", text: answer.text, toolCalls: answer.toolCalls });
    // Numbered in the order in which they were asked for, whichever is answered first.
    const numbered = answer.toolCalls.map((call, i) => ({ call, ref: i < MAX_CALLS_A_ROUND ? next() : null }));
    const results = await Promise.all(
      numbered.map(async ({ call, ref }) => {
        const done = await use(ways, tools, ref, call);
        calls.push({ tool: call.name, args: call.arguments, failed: done.failed, durationMs: done.durationMs });
        return { callId: call.callId, name: call.name, text: done.text };
      }),
    );
    messages.push({ role: "tool", results });
  }
}

async function use(ways: AgentWays, tools: Tool[], ref: CallRef | null, call: Answer["toolCalls"][number]) {
  const tool = tools.find(({ name }) => name === call.name);
  const refused = (text: string) => ({ failed: true, text, durationMs: 0 });
  if (!tool) return refused(`There is no tool ${call.name} that you may use`);
  if (!ref) return refused(`More than ${MAX_CALLS_A_ROUND} calls at once; ask again for those that are still needed`);
  try {
    const { failed, value, text, durationMs } = await ways.use(ref, tool, call.arguments);
    return { failed, text: failed ? text : textForModel(value), durationMs };
  } catch (error) {
    if (error instanceof AppError) return refused(error.message);
    throw error;
  }
}
