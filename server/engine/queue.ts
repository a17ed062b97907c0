import { deliver } from "#server/engine/deliver.ts";
import { Inbox } from "#server/engine/inbox.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import { label } from "#server/engine/problems.ts";
import type { Run } from "#server/engine/run.ts";
import type { Step } from "#server/engine/step.ts";

/** Messages of a run that wait for their turn: a turn of the event loop each, as in Node-RED. */
export class Queue {
  /** By step. */
  readonly waiting = new Map<number, Step>();
  readonly #run: Run;
  readonly #inboxes = new Map<FlowNode, Inbox>();
  /** Kept back until the run is released. */
  readonly #back: { step: Step; node: FlowNode; msg: Message }[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /** `durably`: when everything recorded so far is durable. */
  add(step: Step, node: FlowNode, msg: Message, durably = false): void {
    const run = this.#run;
    this.waiting.set(step.seq, step);
    if (this.waiting.size > run.limits.queued) {
      const most = run.limits.queued;
      run.fail("run.queue", `More than ${most} messages wait for their turn, the last at "${label(node)}"`);
    } else if (durably) void this.#dispatchDurably(step, node, msg);
    else this.#dispatch(step, node, msg);
  }

  inbox(node: FlowNode): Inbox {
    let inbox = this.#inboxes.get(node);
    if (!inbox) this.#inboxes.set(node, (inbox = new Inbox(this.#run, node)));
    return inbox;
  }

  /** In the order in which messages were sent. */
  release(): void {
    for (const { step, node, msg } of this.#back.splice(0).sort((a, b) => a.step.seq - b.step.seq))
      this.#dispatch(step, node, msg);
    for (const inbox of this.#inboxes.values()) inbox.pump();
  }

  async #dispatchDurably(step: Step, node: FlowNode, msg: Message): Promise<void> {
    await Promise.resolve(); // so that all that the node sends with it is kept together
    try {
      await this.#run.commit();
    } catch (error) {
      this.#run.interrupt(`What is recorded could not be kept: ${String(error)}`);
    }
    this.#dispatch(step, node, msg);
  }

  #dispatch(step: Step, node: FlowNode, msg: Message): void {
    const run = this.#run;
    if (run.ended) return;
    if (run.held) this.#back.push({ step, node, msg });
    else if (run.isStateful(node)) this.inbox(node).add(step, msg);
    else setImmediate(() => this.#arrive(step, node, msg));
  }

  #arrive(step: Step, node: FlowNode, msg: Message): void {
    if (this.#run.ended) return;
    const patience = this.#run.recorder?.hold;
    if (patience) void patience.then(() => this.#arrive(step, node, msg));
    else deliver(this.#run, step, node, msg);
  }
}
