import type { Done, Message, Send } from "#server/engine/node.ts";
import type { Kind } from "#server/engine/isolate/inside/function-api.ts";
import type { SentMessage } from "#server/engine/isolate/messages.ts";
import type { Active } from "#server/engine/isolate/shared.ts";

/** What is known of a call when it begins. */
export interface NewCall extends Active {
  readonly kind: Kind;
  readonly msg: Message;
  readonly send: Send;
  readonly done: Done;
  /** It writes nothing and sends nothing: the code is executed for its variables only. */
  readonly mute?: boolean;
  readonly fields?: SentMessage["fields"];
}

/** Code at work on one message, or that could still be (timers, answers that are awaited). */
export interface Call extends NewCall {
  readonly id: number;
  /** It has returned, thrown or been stopped. */
  over: boolean;
  /** Timers by the number of their function inside. */
  readonly timers: Map<number, unknown>;
  /** Answers that are to come: numbers of functions inside. */
  readonly awaited: Set<number>;
  /** Lines of log and changes of status so far. */
  said: number;
}

/** Calls that are not over at which it is looked first whose run has ended meanwhile. */
const SWEEP_AT = 64;

/** The calls of one function node that are not forgotten. */
export class Calls {
  readonly #byId = new Map<number, Call>();
  #last = 0;
  #sweepAt = SWEEP_AT;

  begin(call: NewCall): Call {
    if (this.#byId.size >= this.#sweepAt) this.#sweep();
    const made: Call = { ...call, id: ++this.#last, over: false, timers: new Map(), awaited: new Set(), said: 0 };
    this.#byId.set(made.id, made);
    return made;
  }

  get(id: number): Call | undefined {
    return this.#byId.get(id);
  }

  /** A call that is over is kept as long as code of it may be called. */
  mayForget(call: Call): void {
    if (call.over && call.timers.size === 0 && call.awaited.size === 0) this.#byId.delete(call.id);
  }

  /** Takes all of them, with the isolate that they were in. */
  takeAll(): Call[] {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    return all;
  }

  /** Runs end without a word to shared nodes: what was theirs is found now and then. */
  #sweep(): void {
    for (const call of this.#byId.values()) if (call.frame.run?.ended) this.#byId.delete(call.id);
    this.#sweepAt = Math.max(SWEEP_AT, this.#byId.size * 2);
  }
}
