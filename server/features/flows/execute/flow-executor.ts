import type { RunLog } from "#server/engine/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Models } from "#server/llm/models.ts";
import type { RunHost, RunJob, RunnerPool } from "#server/runner/pool.ts";
import type { Deps } from "../../deps.ts";
import type { Execution, RunExecutor, RunResult, Suspension } from "../../runs/index.ts";
import { codeGraph } from "../code-run.ts";
import { engineStart, type FlowRunInput } from "../flow-input.ts";
import { CallAnswers } from "./answer-calls.ts";
import type { contextNews } from "./context-news.ts";
import { graphLoader, type GraphLoader } from "./load-graph.ts";
import { OpenSteps } from "./open-steps.ts";
import { verdict, type Interruptions } from "./verdict.ts";

export interface FlowDeps extends Pick<Deps, "db" | "sql" | "live" | "clock" | "settings" | "tools" | "log"> {
  models: Models;
  pool: RunnerPool;
  news: Pick<ReturnType<typeof contextNews>, "wrote">;
}

/** Of a run's life; what waits for people does not count. */
const LONGEST_MS = 3_600_000;
/** How long nothing may happen before a run that only waits for people is taken out of its runner. */
const QUIET_MS = 100;

/** The run is given back: it waits for people, and nothing else of it is at work. */
class Suspended extends Error {
  readonly status: Suspension["suspend"];

  constructor(status: Suspension["suspend"]) {
    super(status);
    this.status = status;
  }
}
/** The run left its runner: nobody waits for the answers any more. */
class Left extends Error {}

/**
 * Executes flows: gives the graph to a runner of the workspace, keeps what it records, answers what its nodes ask for.
 * A run that was interrupted (its worker or its runner died, or it was suspended) goes on from what is durable of it.
 */
export function flowExecutor(deps: FlowDeps): RunExecutor {
  const load = graphLoader(deps);
  return {
    kind: "flow",
    resumesFrom: "steps",
    limitMs: LONGEST_MS,
    execute: (execution) => executeFlow(deps, load, execution),
  };
}

async function executeFlow(deps: FlowDeps, load: GraphLoader, execution: Execution): Promise<RunResult | Suspension> {
  const { run, signal } = execution;
  const { workspaceId } = run;
  const input = run.input as unknown as FlowRunInput; // written by startFlowRun and startCodeRun alone
  const graph =
    input.code === undefined
      ? await load({ flowId: run.subjectId ?? "", workspaceId, revision: run.subjectVersion })
      : codeGraph(input.code);
  const resumed = run.lastSeq > 0 || run.attempt > 1;
  const open = new OpenSteps();
  const logOf = async (): Promise<{ log?: RunLog }> => {
    await execution.commit();
    const log = await execution.recorded();
    open.apply(log.steps);
    return log.steps.length > 0 ? { log } : {};
  };

  const stop = new AbortController();
  const aborted = () => stop.abort(signal.reason);
  signal.addEventListener("abort", aborted);
  if (signal.aborted) aborted();
  let quiet: NodeJS.Timeout | undefined;
  const lookForQuiet = () => {
    clearTimeout(quiet);
    if (!calls.onlyUnforeseenWaits) return;
    quiet = setTimeout(() => {
      if (calls.onlyUnforeseenWaits && open.onlyWaits(calls.waitingSteps)) stop.abort(new Suspended(calls.suspension));
    }, QUIET_MS);
  };
  const calls = new CallAnswers(deps, execution, {
    signal: stop.signal,
    known: resumed ? await execution.calls() : null,
    onWait: lookForQuiet,
  });

  const host: RunHost = {
    record(steps, events) {
      execution.record(steps);
      for (const { type, data } of events) execution.emit(type, data);
      open.apply(steps);
      if (steps.some(({ context }) => context?.some(({ scope }) => !scope.startsWith("node:"))))
        deps.news.wrote(workspaceId, () => execution.commit());
      lookForQuiet();
    },
    commit: () => execution.commit(),
    call: (ref, op, args) => calls.answer(ref, op, args).finally(lookForQuiet),
  };
  const job: RunJob = {
    runId: run.id,
    workspaceId,
    graph,
    start: engineStart(input),
    alone: false,
    urgent: run.parentRunId !== null,
    ...(resumed ? await logOf() : {}),
  };
  const past: Interruptions = { unexplained: 0, blameless: 0 };
  try {
    for (;;) {
      const end = await deps.pool.execute(job, host, stop.signal);
      if (end.type === "refused") throw failed(end.error);
      if (end.type === "ended") {
        const { outcome } = end;
        if (outcome.status === "completed") return { output: outcome.output, usage: calls.usage };
        if (outcome.status === "failed") throw failed(outcome.error);
        if (await calls.settled()) return { suspend: calls.suspension, usage: calls.usage };
        // An answer came when the engine had given the run up already: it goes on from its log.
        stop.signal.throwIfAborted();
      } else {
        execution.log.warn({ ...end }, "a run lost its runner");
        job.alone = verdict(end, job, past, open, deps.settings.runners.memoryMb);
      }
      Object.assign(job, await logOf());
    }
  } catch (error) {
    const { reason } = stop.signal;
    if (reason instanceof Suspended) return { suspend: reason.status, usage: calls.usage };
    void calls.release();
    throw error;
  } finally {
    clearTimeout(quiet);
    signal.removeEventListener("abort", aborted);
    stop.abort(new Left());
  }
}

const failed = ({ code, message }: { code: string; message: string }) => new AppError("unprocessable", code, message);
