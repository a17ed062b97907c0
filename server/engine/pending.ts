import { inFrame, type Frame } from "#server/engine/frame.ts";
import type { FlowNode } from "#server/engine/node.ts";
import type { Run } from "#server/engine/run.ts";
import { Soon, type Timer } from "#server/engine/timers.ts";

/** A node's setImmediate: counted, so that the run does not end and a stateful node gets nothing else before. */
export function soon(run: Run, frame: Frame, fn: () => void): Soon {
  const inbox = frame.node && run.isStateful(frame.node) ? run.inbox(frame.node) : undefined;
  const count = (by: 1 | -1) => {
    run.immediates += by;
    if (inbox) inbox.immediates += by;
    run.timerCounted(frame, by);
    if (by < 0) run.check();
  };
  const handle = setImmediate(() => {
    pending.cancel = () => undefined;
    if (run.ended) return;
    fire({ frame, fire: fn }, frame.now);
    count(-1);
  });
  const pending = new Soon(() => {
    clearImmediate(handle);
    pending.cancel = () => undefined;
    count(-1);
  });
  count(1);
  return pending;
}

/** Timers of an owner are due. A stateful node takes them by its inbox. */
export function wake(run: Run, owner: FlowNode | null): void {
  if (owner && run.isStateful(owner)) {
    run.inbox(owner).pump();
    return;
  }
  const now = run.clock.now();
  for (let due = run.timers.takeDue(owner, now); due && !run.ended; due = run.timers.takeDue(owner, now)) {
    fire(due.timer, undefined);
    run.timers.fired(due.timer);
  }
  run.timers.rearm();
  run.check();
}

/** Executes what a timer does, in the frame that set it; `now`: what it sees as the time. What it throws is its node's. */
export function fire({ frame, fire: fn }: Pick<Timer, "frame" | "fire">, now: number | undefined): void {
  inFrame({ run: frame.run, node: frame.node, step: frame.step, now }, () => {
    try {
      fn();
    } catch (error) {
      frame.node?.error(error, {});
    }
  });
}
