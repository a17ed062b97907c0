import type { Done, Message, Send } from "#server/engine/node.ts";
import type { Kind } from "#server/engine/isolate/inside/function-api.ts";
import type { Active } from "#server/engine/isolate/shared.ts";
import type { SentMessage } from "#server/engine/isolate/messages.ts";

/** Code at work on one message, or that could still be (timers, answers that are awaited). */
export interface Call extends Active {
  readonly id: number;
  readonly kind: Kind;
  readonly msg: Message;
  readonly send: Send;
  readonly done: Done;
  /** It has returned, thrown or been stopped. */
  over: boolean;
  /** It writes nothing and sends nothing: the code is executed for its variables only. */
  readonly mute: boolean;
  fields: SentMessage["fields"];
  /** Timers by the number of their function inside. */
  readonly timers: Map<number, unknown>;
  /** Answers that are to come: numbers of functions inside. */
  readonly awaited: Set<number>;
}

/** The calls of one function node that are not forgotten. */
export class Calls {
  readonly #byId = new Map<number, Call>();
  #last = 0;
  #sweepAt = 64;

  begin(call: Pick<Call, "kind" | "frame" | "msg" | "send" | "done"> & { mute?: boolean }): Call {
    if (this.#byId.size >= this.#sweepAt) this.#sweep();
    const made: Call = {
      mute: false,
      ...call,
      id: ++this.#last,
      over: false,
      fields: undefined,
      timers: new Map(),
      awaited: new Set(),
    };
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
    this.#sweepAt = Math.max(64, this.#byId.size * 2);
  }
}
