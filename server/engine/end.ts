import type { CallRef } from "#server/engine/contract.ts";
import { close } from "#server/engine/work.ts";
import type { Ended } from "#server/engine/engine-types.ts";
import { inFrame } from "#server/engine/frame.ts";
import { FlowNode } from "#server/engine/node.ts";
import type { Run } from "#server/engine/run.ts";

/** A run that only waits for approvals says so after this time: an answer that is there already comes sooner. */
const WAITING_AFTER_MS = 1_000;

type Rest = { busy: true } | { busy: false; waits: CallRef[] };

/** What is still to come of a run. */
function restOf(run: Run): Rest {
  const busy: Rest = { busy: true };
  if (run.held || run.pending > 0 || run.queue.waiting.size > 0 || run.immediates > 0 || run.timers.foreground > 0)
    return busy;
  const waits: CallRef[] = [];
  for (const step of run.open.values()) {
    if (step.waits?.length === step.calls && step.calls > 0) {
      waits.push(...(step.waits ?? []));
      continue;
    }
    if (step.calls > 0) return busy;
    const node = run.node(step.node);
    if (!run.plan.entry(step.node)?.open) return busy;
    // it collects, and a timer of its constructor will send what it has
    if (node && run.timers.hasBackground(node)) return busy;
  }
  return { busy: false, waits };
}

/**
 * Looks whether the run is over: nothing waits for its turn, no step is at work (but those of nodes that only collect), no
 * timer that it set is pending, no call is open. Asked again in the next turn, when promises have had theirs.
 */
export function checkEnd(run: Run): void {
  if (run.ended || run.checking || restOf(run).busy) return;
  run.checking = true;
  setImmediate(() => {
    run.checking = false;
    if (run.ended) return;
    const rest = restOf(run);
    run.cancelWaiting?.();
    run.cancelWaiting = undefined;
    if (rest.busy) return;
    const forgotten = run.returns.next();
    if (forgotten) forgotten();
    else if (rest.waits.length === 0) complete(run);
    if (forgotten || run.ended) {
      run.check();
      return;
    }
    run.cancelWaiting = run.clock.after(WAITING_AFTER_MS, () => {
      run.cancelWaiting = undefined;
      const still = restOf(run);
      if (!run.ended && !still.busy && still.waits.length > 0) endRun(run, { status: "waiting", waits: still.waits });
    });
  });
}

/**
 * The rule of failing: an error that no catch node took fails the run, when everything else in it has come to its end.
 * Node-RED only logs such an error; of a durable run somebody wants to know.
 */
function complete(run: Run): void {
  const { uncaught } = run;
  if (uncaught) endRun(run, { status: "failed", error: uncaught.error });
  else endRun(run, { status: "completed", output: run.outputs.value() });
}

export function endRun(run: Run, how: Ended): void {
  if (run.ending) return;
  run.ending = true;
  if (how.status === "completed" || how.status === "failed")
    for (const step of [...run.open.values(), ...run.queue.waiting.values()])
      close(run, step, step.error ? "failed" : collects(run, step.node) ? "dropped" : "done");
  if (how.status === "dropped" || how.status === "interrupted") run.recorder?.close();
  else run.recorder?.flush();
  run.ended = true;
  run.recorder?.close();
  run.timers.stop();
  run.cancelWaiting?.();
  run.open.clear();
  run.queue.waiting.clear();
  // what nodes do now goes nowhere: the run has ended
  for (const node of run.nodes)
    if (node._closers.length > 0 || node.close !== FlowNode.prototype.close)
      inFrame({ run, node, step: null }, () => closeNode(node));
  run.tellEnded(how);
}

/** Some types have a close of their own that answers nothing (inject). */
export function closeNode(node: FlowNode): void {
  try {
    void Promise.resolve(node.close(false)).catch(() => undefined);
  } catch {
    // the instance is given up anyway
  }
}

/** An open step at the end: of a node that forgets to answer it is done; else its message came to nothing. */
const collects = (run: Run, node: string): boolean => run.plan.entry(node)?.open !== "forgets";
