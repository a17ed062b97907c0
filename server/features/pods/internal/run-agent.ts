import { recordOf, type Actor } from "#server/kernel/actor.ts";
import { anticipated, AppError } from "#server/kernel/errors.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import type { ApiMessage } from "../../chat/index.ts";
import { modelTurn, textOf, usageOf, type AskDeps } from "./ask-model.ts";
import type { AgentAsk, CallTool } from "./internal.schema.ts";

const mayCall = (actor: Actor, { class: kind }: Tool) => allows(actor, kind === "read" ? "plant.read" : "tool.write");

/** Tools of the seat's workspace that its role may call. */
export async function podTools({ tools }: Pick<AskDeps, "tools">, actor: Actor, server?: string): Promise<Tool[]> {
  const all = await tools.list(actor);
  return all.filter((tool) => mayCall(actor, tool) && (server === undefined || tool.server === server));
}

/** A tool call of a flow in a pod. Throws `forbidden` for tools that write where the seat's role may not. */
export async function callTool(
  deps: Pick<AskDeps, "tools">,
  actor: Actor,
  { name, args }: CallTool,
  from: { requestId: string; idempotencyKey?: string | undefined; signal: AbortSignal },
) {
  const tool = (await deps.tools.list(actor)).find((one) => one.name === name);
  if (tool && !mayCall(actor, tool))
    throw new AppError(
      "forbidden",
      "tool.write",
      `${name} changes something in the plant; that needs the role operator`,
    );
  return deps.tools.call({
    actor: recordOf(actor),
    through: { kind: "pod", id: actor.credentialId },
    name,
    args,
    requestId: from.requestId,
    signal: from.signal,
    ...(from.idempotencyKey ? { idempotencyKey: `pod:${actor.userId}:${from.idempotencyKey}` } : {}),
  });
}

const matches = (pattern: string, name: string) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** An agent of an osf-agent node in a pod: the model, its tools, the model again, at most `iterations` times. */
export async function runAgent(
  deps: AskDeps,
  actor: Actor,
  ask: AgentAsk,
  { signal, requestId }: { signal: AbortSignal; requestId: string },
) {
  if (ask.agent)
    throw new AppError(
      "unprocessable",
      "agent.missing",
      "There is no such agent in this workspace; describe one in the node",
    );
  const offered = (await podTools(deps, actor)).filter(({ name }) =>
    ask.tools.some((pattern) => matches(pattern, name)),
  );
  const context = ask.context === undefined ? "" : `\n\nContext:\n${JSON.stringify(ask.context).slice(0, 100_000)}`;
  const messages: ApiMessage[] = [
    {
      role: "system",
      text:
        ask.instructions ?? "You work on a task of an automation. Use the tools for facts; answer exactly and briefly.",
    },
    { role: "user", text: `${ask.input}${context}` },
  ];
  const calls: { tool: string; args: unknown; failed: boolean; durationMs: number }[] = [];
  const usage = { inputTokens: 0, outputTokens: 0 };
  for (let round = 1; ; round++) {
    const tools =
      round < ask.iterations
        ? offered.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))
        : [];
    const turn = await modelTurn(deps, actor, { tier: ask.tier, messages, tools }, signal);
    usage.inputTokens += usageOf(turn).inputTokens;
    usage.outputTokens += usageOf(turn).outputTokens;
    const asked = turn.steps.at(-1)?.calls ?? [];
    if (asked.length === 0) return { text: textOf(turn), calls, usage };
    messages.push({
      role: "assistant",
      text: textOf(turn),
      toolCalls: asked.map(({ callId, name, arguments: args }) => ({ callId, name, arguments: args })),
    });
    const results: { callId: string; name: string; text: string }[] = [];
    for (const { callId, name, arguments: args } of asked) {
      const began = performance.now();
      const outcome = await oneCall(deps, actor, offered, { name, args }, { requestId, signal });
      calls.push({ tool: name, args, failed: outcome.failed, durationMs: Math.round(performance.now() - began) });
      results.push({ callId, name, text: outcome.text });
    }
    messages.push({ role: "tool", results });
  }
}

/** What a tool answers, or why not: the model is to learn of it and go on. */
async function oneCall(
  deps: AskDeps,
  actor: Actor,
  offered: readonly Tool[],
  call: CallTool,
  from: { requestId: string; signal: AbortSignal },
): Promise<{ failed: boolean; text: string }> {
  if (!offered.some(({ name }) => name === call.name)) return { failed: true, text: `There is no tool ${call.name}` };
  try {
    return await callTool(deps, actor, call, from);
  } catch (error) {
    const known = anticipated(error);
    if (!known || from.signal.aborted) throw error;
    return { failed: true, text: known.message };
  }
}
