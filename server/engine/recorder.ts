import type { EngineEvent, EngineHost, StepRecord } from "#server/engine/contract.ts";
import type { More, Step } from "#server/engine/step.ts";

/** Of one run between two interruptions: debug, log and status of nodes in a loop would fill the database. */
const MOST_EVENTS = 10_000;

/**
 * Hands what happens in a run to the host: by default once a turn of the event loop, all changes of a step as one record.
 * What is handed over together is kept together, so that merging makes no difference to where a run can be cut.
 */
export class Recorder {
  /** Set while the host asks for patience; the run delivers nothing before it resolves. */
  hold: Promise<void> | undefined;
  readonly #host: EngineHost;
  readonly #runId: string;
  readonly #turn: Turn | null;
  #told = 0;
  #changed: Step[] = [];
  #events: EngineEvent[] = [];
  #scheduled = false;
  #closed = false;

  /** `turn` null: everything is handed over by itself. */
  constructor(host: EngineHost, runId: string, turn: Turn | null) {
    this.#host = host;
    this.#runId = runId;
    this.#turn = turn;
  }

  /** The step's record is due. `more`: what is told once, with this change. */
  step(step: Step, more?: Partial<More>): void {
    if (more) step.more = step.more ? Object.assign(step.more, more) : more;
    if (!step.changed) {
      step.changed = true;
      this.#changed.push(step);
    }
    this.#due();
  }

  event(type: string, data: Record<string, unknown>): void {
    if (++this.#told > MOST_EVENTS) return;
    this.#events.push({ type, data });
    if (this.#told === MOST_EVENTS) {
      const message = `What nodes show and log is left out from here on: ${MOST_EVENTS} times were enough`;
      this.#events.push({ type: "log", data: { node: data["node"] ?? null, level: "warn", message } });
    }
    this.#due();
  }

  flush(): void {
    if (this.#closed || (this.#changed.length === 0 && this.#events.length === 0)) return;
    const steps = this.#changed.map(recordOf);
    const events = this.#events;
    this.#changed = [];
    this.#events = [];
    const patience = this.#host.record(this.#runId, steps, events);
    if (!(patience instanceof Promise)) return;
    const hold = patience.finally(() => {
      if (this.hold === hold) this.hold = undefined;
    });
    this.hold = hold;
  }

  flushInTurn(): void {
    this.#scheduled = false;
    this.flush();
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
    if (!this.#turn) {
      this.flush();
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#turn.add(this);
  }
}

/** Recorders of an engine's runs that have something to hand over in the next turn. */
export class Turn {
  #due: Recorder[] = [];

  add(recorder: Recorder): void {
    if (this.#due.push(recorder) > 1) return;
    setImmediate(() => {
      const due = this.#due;
      this.#due = [];
      for (const one of due) one.flushInTurn();
    });
  }
}

function recordOf(step: Step): StepRecord {
  const { more } = step;
  step.changed = false;
  step.more = undefined;
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
