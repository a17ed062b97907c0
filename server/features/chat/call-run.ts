import type { Json } from "#server/mcp/exchange.ts";
import { awaitRun, valueOf, type RunTool } from "../own-tools/index.ts";
import { hasEnded } from "../runs/index.ts";
import { done, placeOf, type Calling, type CallOutcome } from "./calling.ts";
import { AWAIT_RUN, type AwaitedRun } from "./keep-resuming.ts";
import { keptResult } from "./tool-results.ts";
import { starterOf } from "./turn-tools.ts";
import type { ToolPart } from "./turn.schema.ts";

/** Longer than any run lasts. */
const NO_LIMIT_MS = 24 * 3_600_000;

/**
 * A call that is a run of its own, of a flow or of code: begun once, waited for while it works. When it waits for people
 * the turn is suspended too, until the run has ended.
 */
export async function callRun(calling: Calling, call: ToolPart, tool: RunTool, args: Json): Promise<CallOutcome> {
  const { deps, execution, emit, usage, asked } = calling;
  const { run, requestId, signal } = execution;
  const { callId } = call;
  const started = performance.now();
  let { runId } = call;
  if (runId === undefined) {
    const actor = starterOf(execution);
    const caller = {
      actor,
      through: { kind: "chat" as const, id: run.subjectId ?? run.id },
      runId: run.id,
      requestId,
      idempotencyKey: `${run.id}/${callId}`,
    };
    ({ runId } = await tool.start(caller, args));
    usage.toolCalls++;
    emit("run_started", { callId, runId });
    await execution.commit();
  }
  const child = await awaitRun(deps, runId, { signal, timeoutMs: NO_LIMIT_MS });
  const waits = asked.find(({ op, args }) => op === AWAIT_RUN && (args as AwaitedRun).callId === callId);
  if (!hasEnded(child.status)) {
    const { step, place } = placeOf(calling, call);
    const awaited: AwaitedRun = { callId, runId };
    execution.call({ step, n: place * 100 + 99, op: AWAIT_RUN, args: awaited, state: "begun" });
    await execution.commit();
    return { state: "waiting" };
  }
  if (waits && waits.state !== "done") execution.call({ ...waits, state: "done" });
  const outcome = valueOf(await tool.result(child));
  return done(keptResult(outcome), outcome.failed, Math.round(performance.now() - started));
}
