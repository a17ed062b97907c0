import { deliver } from "#server/engine/deliver.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import type { Run } from "#server/engine/run.ts";
import type { Step } from "#server/engine/step.ts";
import { fire } from "#server/engine/pending.ts";

/**
 * Messages for a stateful node, which works on one thing a turn: the timers that are due come before a message, in the
 * order in which they are due, each at the time for which it was set. So what the node does depends on its messages and
 * the times at which it got them and on nothing else, and a recovery that feeds it the same comes to the same state.
 */
export class Inbox {
  /** setImmediate's of the node that are pending. */
  immediates = 0;
  readonly #run: Run;
  readonly #node: FlowNode;
  readonly #queue: { step: Step; msg: Message }[] = [];
  #scheduled = false;

  constructor(run: Run, node: FlowNode) {
    this.#run = run;
    this.#node = node;
  }

  add(step: Step, msg: Message): void {
    this.#queue.push({ step, msg });
    this.pump();
  }

  pump(): void {
    if (this.#scheduled || this.#run.held || this.#run.ended) return;
    const idle = this.#queue.length === 0 && !this.#run.timers.hasDue(this.#node, this.#run.clock.now());
    if (idle) {
      this.#run.timers.rearm();
      return;
    }
    this.#scheduled = true;
    setImmediate(() => void this.#turn());
  }

  async #turn(): Promise<void> {
    const patience = this.#run.recorder?.hold;
    if (patience) await patience;
    this.#scheduled = false;
    if (this.#run.ended) return;
    if (this.immediates === 0 && !this.fireDue(this.#run.clock.now())) {
      const next = this.#queue.shift();
      if (next) deliver(this.#run, next.step, this.#node, next.msg);
    }
    this.pump();
    this.#run.check();
  }

  /** Executes the node's earliest timer that is due; false: none is. */
  fireDue(now: number): boolean {
    const due = this.#run.timers.takeDue(this.#node, now);
    if (!due) return false;
    fire(due.timer, due.due);
    this.#run.timers.fired(due.timer);
    return true;
  }
}
