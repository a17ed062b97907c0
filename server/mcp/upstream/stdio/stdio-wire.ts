import type { HttpWire } from "../http-wire.ts";
import type { Json } from "../../exchange.ts";
import { isObject, isResponse, type Message } from "../message.ts";
import { Closed, CutOff } from "../wire-errors.ts";
import type { StdioChild } from "./child.ts";

const SUBSCRIPTION_KEY = "io.modelcontextprotocol/subscriptionId";

interface Waiting {
  heard(message: Message): void;
  done(): void;
  fail(why: Error): void;
  listens: boolean;
}

/**
 * The messages of one process in the form of the HTTP wire: what belongs to a request is told to that request. Progress
 * belongs to its token, changes to the subscription that they name; whatever else comes while a single request is under
 * way belongs to that, and to none where there are several (2026-07-28, stdio: there are no streams).
 */
export function stdioWire(child: StdioChild): { wire: HttpWire; hear(message: Message): void } {
  const waiting = new Map<Message["id"], Waiting>();
  void child.ended.then(() => {
    for (const one of waiting.values()) one.fail(new CutOff());
    waiting.clear();
  });

  /** For what nobody waits for: called by events, where an error would end the whole gateway. */
  const sendIfThere = (message: Message) => {
    try {
      child.send(message);
    } catch (error) {
      if (!(error instanceof Closed)) throw error;
    }
  };
  const ownerOf = ({ params }: Message): Waiting | undefined => {
    const token = params?.["progressToken"];
    if (token !== undefined) return waiting.get(token as Message["id"]);
    const meta = params?.["_meta"];
    const subscription = isObject(meta) ? meta[SUBSCRIPTION_KEY] : undefined;
    if (subscription !== undefined)
      return waiting.get(subscription as Message["id"]) ?? waiting.get(Number(subscription));
    const asking = [...waiting.values()].filter(({ listens }) => !listens);
    return asking.length === 1 ? asking[0] : undefined;
  };
  const hear = (message: Message) => {
    if (isResponse(message)) {
      const owner = waiting.get(message.id);
      if (!owner) return;
      waiting.delete(message.id);
      owner.heard(message);
      owner.done();
    } else if (message.id !== undefined && message.id !== null) {
      // Nothing is asked back in this revision.
      const error = { code: -32_601, message: `${String(message.method)} cannot be answered here` };
      sendIfThere({ jsonrpc: "2.0", id: message.id, error });
    } else ownerOf(message)?.heard(message);
  };

  const wire: HttpWire = {
    post(message, { heard, signal }) {
      return new Promise((resolve, reject) => {
        const taken = { status: 200, sessionId: undefined };
        try {
          signal?.throwIfAborted();
          child.send(message);
        } catch (error) {
          return reject(error);
        }
        const { id } = message;
        if (id === undefined) return resolve(taken);
        const cancel = () => {
          if (!waiting.delete(id)) return;
          const params: Json = { requestId: id, reason: "The caller has given up" };
          sendIfThere({ jsonrpc: "2.0", method: "notifications/cancelled", params });
          reject(signal?.reason instanceof Error ? signal.reason : new Closed());
        };
        const settled = () => signal?.removeEventListener("abort", cancel);
        waiting.set(id, {
          heard,
          done: () => (settled(), resolve(taken)),
          fail: (why) => (settled(), reject(why)),
          listens: message.method === "subscriptions/listen",
        });
        signal?.addEventListener("abort", cancel, { once: true });
      });
    },
    follow: () => Promise.reject(new Closed()),
    delete: async () => undefined,
    close: () => child.close(),
  };
  return { wire, hear };
}
