import type { EngineEvent, EngineHost, StepRecord } from "#server/engine/contract.ts";
import type { Step } from "#server/engine/step.ts";

/**
 * Hands what happens in a run to the host: by default once a turn of the event loop, several changes of a step as one.
 * What is handed over together is kept together, so that merging makes no difference to where a run can be cut.
 */
export class Recorder {
  /** Set while the host asks for patience; the run delivers nothing before it resolves. */
  hold: Promise<void> | undefined;
  readonly #host: EngineHost;
  readonly #runId: string;
  readonly #each: boolean;
  #steps = new Map<number, StepRecord>();
  #events: EngineEvent[] = [];
  #scheduled = false;
  #together = false;
  #closed = false;

  constructor(host: EngineHost, runId: string, each: boolean) {
    this.#host = host;
    this.#runId = runId;
    this.#each = each;
  }

  step(step: Step, more: Partial<StepRecord>): void {
    const record: StepRecord = {
      seq: step.seq,
      node: step.node,
      type: step.type,
      from: step.from,
      port: step.port,
      at: step.at,
      state: step.state,
      ...more,
    };
    if (step.name !== undefined) record.name = step.name;
    if (step.startedAt !== undefined) record.startedAt = step.startedAt;
    if (step.statusText !== undefined) record.statusText = step.statusText;
    const before = this.#steps.get(step.seq);
    if (before) Object.assign(before, record);
    else this.#steps.set(step.seq, record);
    this.#changed();
  }

  event(type: string, data: Record<string, unknown>): void {
    this.#events.push({ type, data });
    this.#changed();
  }

  /** What `fn` records is handed over as one. */
  together(fn: () => void): void {
    const outer = this.#together;
    this.#together = true;
    try {
      fn();
    } finally {
      this.#together = outer;
      if (this.#each && !outer) this.flush();
    }
  }

  flush(): void {
    if (this.#closed || (this.#steps.size === 0 && this.#events.length === 0)) return;
    const steps = [...this.#steps.values()];
    const events = this.#events;
    this.#steps = new Map();
    this.#events = [];
    const patience = this.#host.record(this.#runId, steps, events);
    if (!(patience instanceof Promise)) return;
    const hold = patience.finally(() => {
      if (this.hold === hold) this.hold = undefined;
    });
    this.hold = hold;
  }

  /** Resolves when all of it is durable. */
  async commit(): Promise<void> {
    this.flush();
    await this.#host.commit(this.#runId);
  }

  /** Nothing more is handed over. */
  close(): void {
    this.#closed = true;
  }

  #changed(): void {
    if (this.#each) {
      if (!this.#together) this.flush();
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }
}
