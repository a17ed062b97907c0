import { inFrame, onBehalfOf, type Frame } from "#server/engine/frame.ts";
import type { Done, FlowNode, Message, Send } from "#server/engine/node.ts";
import { codeOf, messageOf } from "#server/engine/problems.ts";
import type { Run } from "#server/engine/run.ts";
import { snapshot } from "#server/engine/snapshot.ts";
import { contextWrites, type Step } from "#server/engine/step.ts";

/**
 * Calls the node's handlers. What they see as now is the time of the delivery: for a stateful node as long as it works on
 * it, for others until the handler returns. So a repetition sees the same.
 */
export function work(run: Run, step: Step, node: FlowNode, msg: Message): void {
  if (run.ended) return;
  const stateful = run.isStateful(node);
  const frame: Frame = { run, node, step, now: step.startedAt };
  const handlers = node._inputs.length === 1 ? node._inputs : [...node._inputs];
  let answers = 0;
  const send: Send = (given) => onBehalfOf(frame, () => node.send(given));
  const done: Done = (error) => {
    if (run.ended || (handlers.length > 1 && ++answers !== node._dones)) return;
    answered(run, step, node, msg, frame, error);
  };
  inFrame(frame, () => {
    for (const handler of handlers)
      try {
        handler.call(node, msg, send, done);
      } catch (error) {
        // Node-RED leaves it at telling the catch nodes; here the step has to end
        fails(run, step, node, msg, error);
      }
  });
  if (!stateful) frame.now = undefined;
  if (handlers.length === 0) {
    const broken = run.plan.broken.get(node.id);
    if (broken) fails(run, step, node, msg, broken);
  }
  if (node._dones === 0) answer(run, step); // takes no done: it is over when it returns
}

/** `done`: catch and complete nodes hear of it before the step ends. Node-RED tells complete nodes at every call. */
function answered(run: Run, step: Step, node: FlowNode, msg: Message, frame: Frame, error: unknown): void {
  onBehalfOf(frame, () => {
    if (error) node.error(error, msg);
    else if (!node._entry.quiet) node._flow.handleComplete(node, msg);
  });
  answer(run, step);
}

export function fails(run: Run, step: Step, node: FlowNode, msg: Message, error: unknown): void {
  inFrame({ run, node, step, now: step.startedAt }, () => node.error(error, msg));
  answer(run, step);
}

export function answer(run: Run, step: Step): void {
  if (run.ended || step.answered) return;
  step.answered = true;
  settle(run, step);
}

/** Ends a step that was answered and has nothing pending. Timers of stateful nodes are the node's, not the step's. */
export function settle(run: Run, step: Step): void {
  if (!step.answered || step.calls > 0 || !run.open.has(step.seq)) return;
  if (step.timers > 0 && run.plan.entry(step.node)?.keeping !== "stateful") return;
  close(run, step, step.error ? "failed" : "done");
  run.check();
}

/** The last record of a step. */
export function close(run: Run, step: Step, state: "done" | "failed" | "dropped"): void {
  run.open.delete(step.seq);
  step.state = state;
  if (step.payload !== undefined && state === "done")
    run.outputs.end(step.seq, step.node, step.out?.map(({ msg }) => msg) ?? [step.payload]);
  if (!run.recorder) return;
  let context: ReturnType<typeof contextWrites>;
  try {
    context = contextWrites(step, snapshot, () => ++run.writes);
  } catch (error) {
    if (!run.ending) run.fail(codeOf(error), `A value in a context cannot be recorded. ${messageOf(error)}`);
    return;
  }
  const large = context?.find(({ value }) => value !== undefined && value.length > run.limits.messageChars);
  if (large && !run.ending) {
    const most = run.limits.messageChars;
    run.fail("run.context-size", `"${large.key}" in a context has more than the ${most} characters that are possible`);
    return;
  }
  run.recorder.step(step, {
    ...(step.begun > 0 && { durationMs: performance.now() - step.begun }),
    ...(step.error && { error: step.error }),
    ...(step.out && { out: step.out }),
    ...(context && { context }),
  });
}
