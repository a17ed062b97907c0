import { perform } from "#server/engine/effects.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import type { Run } from "#server/engine/run.ts";
import type { Step } from "#server/engine/step.ts";
import { work } from "#server/engine/work.ts";

/** A message reaches its node: the step begins. */
export function deliver(run: Run, step: Step, node: FlowNode, msg: Message): void {
  run.queue.waiting.delete(step.seq);
  run.open.set(step.seq, step);
  step.state = "running";
  step.startedAt = run.clock.now();
  step.begun = performance.now();
  run.note(node, step);
  run.recorder?.step(step);
  if (step.direct) perform(run, step, node, msg, false);
  else if (run.eager) {
    run.pending++;
    void run.commit().then(
      () => {
        run.pending--;
        work(run, step, node, msg);
      },
      (error) => run.interrupt(String(error)),
    );
  } else work(run, step, node, msg);
}
