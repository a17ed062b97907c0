import type { RunEnd, RunJob } from "#server/runner/pool.ts";
import type { Death } from "#server/runner/runner-process.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { OpenSteps } from "./open-steps.ts";

/** Deaths of unknown cause under a run that is alone, after which it is held to be the cause. */
const MAX_UNEXPLAINED = 2;
/** Interruptions that are nobody's fault, one after the other in the same attempt. */
const MAX_INTERRUPTIONS = 20;

/** What is known of a run's interruptions in this attempt. */
export interface Interruptions {
  unexplained: number;
  blameless: number;
}

type Interrupted = Exclude<RunEnd, { type: "ended" | "refused" }>;

/**
 * How a run goes on whose runner is gone: answers whether it has to be alone in the next one. Throws AppError
 * (`run.killed-runner`) where it is the cause: it was the only one in there and held the processor, or it did it again
 * when it was alone from the start. What is not clear is tried once more.
 */
export function verdict(
  end: Interrupted,
  job: RunJob,
  past: Interruptions,
  open: OpenSteps,
  memoryMb: number,
): boolean {
  if (end.type === "interrupted") {
    past.blameless++;
    if (past.blameless <= MAX_INTERRUPTIONS) return job.alone;
    throw new AppError(
      "unavailable",
      "run.interrupted",
      `This run was interrupted ${past.blameless} times in a row: ${end.reason}. An administrator looks at the worker's log`,
    );
  }
  const { death, company } = end;
  if (company > 0) return true;
  if (job.alone && death.cause === "killed" && ++past.unexplained < MAX_UNEXPLAINED) return true;
  if (job.alone || death.cause === "stalled") throw guilty(death, open, memoryMb);
  return true;
}

const WHAT: Record<Death["cause"], (memoryMb: number) => string> = {
  stalled: () => "it held the processor and could not be interrupted",
  memory: (memoryMb) => `it took more than ${memoryMb} MB of memory`,
  crashed: () => "it crashed, as a rule because the memory was not enough for what a node made",
  killed: () => "it was ended from outside, as systems do that run out of memory",
  ended: () => "it was ended",
};

function guilty({ cause, detail }: Death, open: OpenSteps, memoryMb: number): AppError {
  const suspect = open.suspect();
  const where = suspect ? `, most likely in the node “${suspect.name || suspect.type}” (${suspect.node})` : "";
  return new AppError(
    "unprocessable",
    "run.killed-runner",
    `The code of this flow ended the process that it ran in${where}: ${WHAT[cause](memoryMb)}. Bound its loops and the size of what it makes, then run it again`,
    { detail: { cause, death: detail } },
  );
}
