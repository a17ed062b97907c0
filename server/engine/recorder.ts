import type { EngineEvent, EngineHost, StepRecord } from "#server/engine/contract.ts";
import type { Step } from "#server/engine/step.ts";

type More = Pick<StepRecord, "msg" | "durationMs" | "error" | "out" | "context">;

/**
 * Hands what happens in a run to the host: by default once a turn of the event loop, all changes of a step as one record.
 * What is handed over together is kept together, so that merging makes no difference to where a run can be cut.
 */
export class Recorder {
  /** Set while the host asks for patience; the run delivers nothing before it resolves. */
  hold: Promise<void> | undefined;
  readonly #host: EngineHost;
  readonly #runId: string;
  readonly #each: boolean;
  #changed = new Map<Step, Partial<More> | undefined>();
  #events: EngineEvent[] = [];
  #scheduled = false;
  #closed = false;

  constructor(host: EngineHost, runId: string, each: boolean) {
    this.#host = host;
    this.#runId = runId;
    this.#each = each;
  }

  /** The step's record is due. `more`: what is told once, with this change. */
  step(step: Step, more?: Partial<More>): void {
    const before = this.#changed.get(step);
    this.#changed.set(step, before && more ? Object.assign(before, more) : (more ?? before));
    this.#due();
  }

  event(type: string, data: Record<string, unknown>): void {
    this.#events.push({ type, data });
    this.#due();
  }

  flush(): void {
    if (this.#closed || (this.#changed.size === 0 && this.#events.length === 0)) return;
    const steps: StepRecord[] = [];
    for (const [step, more] of this.#changed) steps.push(recordOf(step, more));
    const events = this.#events;
    this.#changed = new Map();
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

  #due(): void {
    if (this.#each) {
      this.flush();
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

function recordOf(step: Step, more: Partial<More> | undefined): StepRecord {
  const record: StepRecord = {
    seq: step.seq,
    node: step.node,
    type: step.type,
    from: step.from,
    port: step.port,
    at: step.at,
    state: step.state,
  };
  if (step.name !== undefined) record.name = step.name;
  if (step.startedAt !== undefined) record.startedAt = step.startedAt;
  if (step.statusText !== undefined) record.statusText = step.statusText;
  return more ? Object.assign(record, more) : record;
}
