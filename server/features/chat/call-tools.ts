import { AppError } from "#server/kernel/errors.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import type { Execution, RunUsage } from "../runs/index.ts";
import { keptResult } from "./tool-results.ts";
import { callWithConsent } from "./call-consent.ts";
import type { ToolPart, Turn } from "./turn.schema.ts";

/** How a call came out for now. `waiting`: for a person; the turn is to be suspended when the others have ended. */
export type CallState = "done" | "waiting";

/** What calls of a turn share. */
export interface Calling {
  deps: Pick<Deps, "tools" | "db" | "live" | "clock">;
  execution: Execution;
  emit: Execution["emit"];
  turn: Turn;
  usage: RunUsage;
}

/** Calls those tools of a step that have no result yet, side by side, until each has its result or waits. */
export async function callTools(calling: Calling, tools: Tool[], calls: ToolPart[]): Promise<CallState> {
  const open = calls.filter(({ state }) => state === "running");
  const states = await Promise.all(open.map((call) => callTool(calling, tools, call)));
  return states.includes("waiting") ? "waiting" : "done";
}

async function callTool(calling: Calling, tools: Tool[], call: ToolPart): Promise<CallState> {
  const { deps, execution, emit, usage } = calling;
  const { run, actor, requestId, signal, commit } = execution;
  const { callId, name } = call;
  const tool = tools.find((candidate) => candidate.name === name);
  const left = call.startedAt !== undefined; // by an attempt that died before the result was written
  const finish = async (result: unknown, failed: boolean, durationMs: number) => {
    emit("tool_result", { callId, name, result, failed, durationMs });
    await commit();
    return "done" as const;
  };
  if (!left) {
    emit("tool_start", { callId, name, title: tool?.title ?? name, arguments: call.arguments });
    await commit();
  }
  if (!tool) return finish(`There is no tool ${name} that you may use`, true, 0);
  const started = performance.now();
  try {
    const made = await callWithConsent(calling, call, { left, repeatable: tool.repeatable }, () =>
      deps.tools.call({
        actor,
        through: { kind: "chat", id: run.subjectId ?? run.id },
        name,
        args: call.arguments,
        runId: run.id,
        ...(requestId ? { requestId } : {}),
        idempotencyKey: `${run.id}/${callId}`,
        signal,
      }),
    );
    if (made.state === "waiting") return await commit().then(() => "waiting");
    if (made.state === "refused") return await finish(made.why, true, 0);
    if (made.state === "lost")
      return await finish(
        "The gateway was interrupted while this call was under way. Whether it took effect is not known; it was not repeated. Check in the system itself",
        true,
        0,
      );
    usage.toolCalls++;
    const { outcome } = made;
    return await finish(keptResult(outcome), outcome.failed, Math.round(outcome.durationMs));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return await finish(explain(error), true, Math.round(performance.now() - started));
  }
}

/** The failure in words that help the model to do better: which argument is wrong, and how. */
const explain = ({ message, hints: { fields = [] } }: AppError) =>
  [message, ...fields.map((field) => `${field.path}: ${field.message}`)].join("\n");
