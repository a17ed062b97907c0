import type { CallOp } from "#server/engine/contract.ts";
import { settle } from "#server/engine/work.ts";
import type { Frame } from "#server/engine/frame.ts";
import { isLong } from "#server/engine/step.ts";

/**
 * Asks the host on behalf of a step. The n-th call of a step has the same reference when the step is repeated, so the host
 * answers it from what it has written. After the end of the run it never answers: whoever waits for it is not to go on.
 */
export async function callHost({ run, step }: Frame, op: CallOp, args: unknown): Promise<unknown> {
  if (!run || !step) throw new Error("Only a node that works on a message can ask for this");
  if (run.ended) return never();
  const ref = { step: step.seq, n: ++step.lastCall };
  step.calls++;
  if (isLong(op)) (step.waits ??= []).push(ref);
  run.recorder?.flush();
  run.check();
  try {
    const answer = await run.host.call(run.id, ref, op, args);
    return run.ended ? await never() : answer;
  } catch (error) {
    if (run.ended) return await never();
    throw error;
  } finally {
    step.calls--;
    if (step.waits) step.waits = step.waits.filter((wait) => wait !== ref);
    // the caller goes on first: it may have more to do before the step is over
    setImmediate(() => {
      if (run.ended) return;
      settle(run, step);
      run.check();
    });
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
