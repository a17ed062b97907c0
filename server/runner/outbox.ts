import type { EngineEvent, StepRecord } from "#server/engine/contract.ts";
import type { Channel } from "./channel.ts";
import type { FromRunner } from "./protocol.ts";

type Records = Extract<FromRunner, { type: "records" }>;

/** Characters of a run that may be on their way to the database before the run is held back. */
const MAX_UNTOLD = 4_000_000;
/** What a record costs beside its message. */
const RECORD_CHARS = 200;

interface Sender {
  /** Records that go with the next message, as long as the channel's `sent` is `batch`. */
  gathering: Records | undefined;
  batch: number;
  steps: Map<number, StepRecord>;
  /** Given since the last mark, and marked but not yet durable. */
  unmarked: number;
  marked: number;
  mark: number;
  waits: { mark: number; chars: number; resolve: () => void }[];
}

/**
 * What runs recorded, on its way to the worker. Records of one step that leave together become one: they are durable
 * together or not at all. Resolves `commit` when the worker says that everything before is durable.
 */
export class Outbox {
  readonly #channel: Channel<FromRunner>;
  readonly #runs = new Map<string, Sender>();

  constructor(channel: Channel<FromRunner>) {
    this.#channel = channel;
  }

  open(runId: string): void {
    const none = { gathering: undefined, batch: 0, steps: new Map<number, StepRecord>(), waits: [] };
    this.#runs.set(runId, { ...none, unmarked: 0, marked: 0, mark: 0 });
  }

  close(runId: string): void {
    this.#runs.delete(runId);
  }

  /** A promise where the run has to wait until more of it is durable. */
  record(runId: string, steps: readonly StepRecord[], events: readonly EngineEvent[]): void | Promise<void> {
    const sender = this.#runs.get(runId);
    if (!sender) return;
    const gathering = this.#gather(runId, sender);
    for (const step of steps) {
      sender.unmarked += RECORD_CHARS + charsOf(step);
      const known = sender.steps.get(step.seq);
      if (known) Object.assign(known, step);
      else {
        const own = { ...step };
        sender.steps.set(step.seq, own);
        gathering.steps.push(own);
      }
    }
    for (const event of events) {
      sender.unmarked += RECORD_CHARS;
      gathering.events.push(event);
    }
    if (sender.unmarked + sender.marked <= MAX_UNTOLD) return;
    return this.#marked(runId, sender);
  }

  commit(runId: string): Promise<void> {
    const sender = this.#runs.get(runId);
    // A run that was dropped waits for ever: nothing of it may act any more.
    if (!sender) return new Promise(() => undefined);
    return sender.unmarked + sender.marked > 0 ? this.#marked(runId, sender) : Promise.resolve();
  }

  committed(runId: string, mark: number): void {
    const sender = this.#runs.get(runId);
    if (!sender) return;
    const done = sender.waits.filter((wait) => wait.mark <= mark);
    sender.waits = sender.waits.filter((wait) => wait.mark > mark);
    for (const { chars, resolve } of done) {
      sender.marked -= chars;
      resolve();
    }
  }

  /** Anything else of a run, after what it recorded before. */
  say(runId: string, message: FromRunner): void {
    const sender = this.#runs.get(runId);
    if (!sender) return;
    sender.gathering = undefined;
    this.#channel.say(message);
  }

  #marked(runId: string, sender: Sender): Promise<void> {
    const gathering = this.#gather(runId, sender);
    const mark = ++sender.mark;
    gathering.mark = mark;
    sender.gathering = undefined; // what comes after the mark is not part of it
    const chars = sender.unmarked;
    sender.unmarked = 0;
    sender.marked += chars;
    return new Promise((resolve) => sender.waits.push({ mark, chars, resolve }));
  }

  #gather(runId: string, sender: Sender): Records {
    if (sender.gathering && sender.batch === this.#channel.sent) return sender.gathering;
    sender.steps.clear();
    const gathering: Records = { type: "records", runId, steps: [], events: [] };
    sender.gathering = gathering;
    sender.batch = this.#channel.sent;
    this.#channel.say(gathering);
    return gathering;
  }
}

const charsOf = ({ msg, out, context }: StepRecord): number => {
  let chars = msg?.length ?? 0;
  for (const left of out ?? []) chars += left.msg.length;
  for (const write of context ?? []) chars += write.value?.length ?? 0;
  return chars;
};
