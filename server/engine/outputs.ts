import type { Snapshot } from "#server/engine/contract.ts";
import { snapshot } from "#server/engine/snapshot.ts";

const MOST = 50;

export interface Reply {
  statusCode: number;
  headers: Record<string, string>;
  payload: unknown;
}

/**
 * What a run comes to: the answer of an `http response` if there was one, else the payload of the last message that
 * reached an end: a debug node, or a node without wires (then what it sent on, or what it got if it sent nothing).
 * `messages`: those ends in the order in which their messages were sent, the last 50.
 */
export class Outputs {
  #ends: { seq: number; index: number; node: string; msg: Snapshot | object }[] = [];
  #reply: { seq: number; reply: Reply } | undefined;

  end(seq: number, node: string, msgs: (Snapshot | object)[]): void {
    msgs.forEach((msg, index) => this.#ends.push({ seq, index, node, msg }));
    if (this.#ends.length > 4 * MOST) this.#trim();
  }

  /** The first answer counts. */
  reply(seq: number, reply: Reply): void {
    if (!this.#reply || seq < this.#reply.seq) this.#reply = { seq, reply };
  }

  /** JSON, with the tags of snapshot.ts. */
  value(): unknown {
    this.#trim();
    const messages = this.#ends.map(({ node, msg }) => ({ node, payload: payloadOf(msg) }));
    if (this.#reply) return { ...this.#reply.reply, messages };
    return { payload: messages.at(-1)?.payload ?? null, messages };
  }

  #trim(): void {
    this.#ends.sort((a, b) => a.seq - b.seq || a.index - b.index);
    this.#ends.splice(0, this.#ends.length - MOST);
  }
}

function payloadOf(msg: Snapshot | object): unknown {
  const text = typeof msg === "string" ? msg : snapshot(msg);
  return (JSON.parse(text) as { payload?: unknown } | null)?.payload ?? null; // messages are objects
}
