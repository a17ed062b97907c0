import { randomUUID } from "node:crypto";
import { RpcError, type Json } from "../../exchange.ts";
import { mustBeAble, type Question } from "./ask-client.ts";
import { CODE, invalidParams } from "../wire/rpc.ts";

type Notify = (said: Question) => void;

/** What an exchange came to: its end, or questions that the client must answer in another request. */
export type Round = { result: Json } | { questions: Record<string, Question>; id: string; round: number };

/**
 * Exchanges in the middle of which the upstream asks something, as it may in the revisions of 2025, of clients that
 * speak 2026-07-28 and are asked by results alone. While a client looks for the answers its exchange waits here, in
 * this process; whoever knows its id and round goes on with it, once.
 */
export interface Suspended {
  /** Runs it until its end or its first questions. `signal`: the client is gone. */
  begin(
    owner: string,
    capabilities: Json,
    run: (kit: {
      ask: (question: Question, withdrawn?: AbortSignal) => Promise<Json>;
      notify: Notify;
      signal: AbortSignal;
    }) => Promise<Json>,
    client: { signal: AbortSignal; notify: Notify },
  ): Promise<Round>;
  /** Throws `invalid params` for what is not waiting (any more), or not for this round. */
  resume(id: string, round: number, answers: Json, client: { signal: AbortSignal; notify: Notify }): Promise<Round>;
  /** How many wait. */
  readonly size: number;
  close(): void;
}

/** How long a person may take. */
export const ANSWER_WITHIN_MS = 10 * 60_000;
const MOST = 1_000;
const MOST_OF_ONE = 32;
/** Questions that come together are asked together. */
const GATHER_MS = 5;

interface Open {
  id: string;
  owner: string;
  round: number;
  waiting: Map<string, { question: Question; answer: (result: Json) => void }>;
  notify: Notify;
  end: Promise<Json>;
  /** It has ended, however. */
  over: boolean;
  asked: () => void;
  abort: AbortController;
  timer: NodeJS.Timeout | undefined;
}

export function createSuspended(withinMs = ANSWER_WITHIN_MS): Suspended {
  const open = new Map<string, Open>();

  /** Until the end, or until there are questions that nobody was told. */
  const next = async (one: Open, client: { signal: AbortSignal; notify: Notify }): Promise<Round> => {
    one.notify = client.notify;
    const leave = () => one.abort.abort(client.signal.reason);
    if (client.signal.aborted) leave();
    client.signal.addEventListener("abort", leave, { once: true });
    try {
      for (;;) {
        const asked = new Promise<void>((done) => {
          one.asked = done;
          if (one.waiting.size > 0) done();
        });
        const ended = await Promise.race([one.end.then((result) => ({ result })), asked.then(() => undefined)]);
        if (ended) return ended;
        await new Promise((done) => setTimeout(done, GATHER_MS));
        if (one.over) return { result: await one.end }; // nobody is there to be answered
        if (one.waiting.size > 0) break; // else they were taken back
      }
      one.round++;
      one.notify = () => undefined;
      one.timer = setTimeout(() => one.abort.abort(new RpcError(CODE.params, "Nobody answered in time")), withinMs);
      open.set(one.id, one);
      const questions = Object.fromEntries([...one.waiting].map(([key, { question }]) => [key, question]));
      return { questions, id: one.id, round: one.round };
    } finally {
      client.signal.removeEventListener("abort", leave);
    }
  };

  const mustHaveRoom = (owner: string) => {
    const ofOwner = [...open.values()].filter((one) => one.owner === owner).length;
    if (open.size >= MOST || ofOwner >= MOST_OF_ONE)
      throw new RpcError(CODE.internal, "Too many questions wait for an answer; answer or cancel some of them");
  };

  return {
    get size() {
      return open.size;
    },
    begin(owner, capabilities, run, client) {
      let questions = 0;
      const one: Open = {
        id: randomUUID(),
        owner,
        round: 0,
        waiting: new Map(),
        notify: client.notify,
        end: Promise.resolve({}),
        over: false,
        asked: () => undefined,
        abort: new AbortController(),
        timer: undefined,
      };
      const ask = async (question: Question, withdrawn?: AbortSignal): Promise<Json> => {
        mustBeAble(question, capabilities);
        mustHaveRoom(owner);
        const key = `q${++questions}`;
        return new Promise<Json>((answer, refuse) => {
          const takeBack = () => {
            one.waiting.delete(key);
            refuse(withdrawn?.reason);
          };
          if (withdrawn?.aborted) return takeBack();
          withdrawn?.addEventListener("abort", takeBack, { once: true });
          one.waiting.set(key, { question, answer });
          one.asked();
        });
      };
      one.end = run({ ask, notify: (said) => one.notify(said), signal: one.abort.signal }).finally(() => {
        one.over = true;
        clearTimeout(one.timer);
        open.delete(one.id);
      });
      one.end.catch(() => undefined); // it may fail while nobody waits for it
      return next(one, client);
    },
    async resume(id, round, answers, client) {
      const one = open.get(id);
      if (!one || one.round !== round) throw invalidParams("The requestState was used already, or waited for too long");
      open.delete(id); // so that it goes on once
      clearTimeout(one.timer);
      for (const [key, { answer }] of one.waiting) {
        const given = answers[key];
        if (typeof given !== "object" || given === null || Array.isArray(given)) continue; // it is asked again
        one.waiting.delete(key);
        answer(given as Json); // an object, see above
      }
      return next(one, client);
    },
    close() {
      for (const one of open.values()) one.abort.abort(new Error("the server stops"));
      open.clear();
    },
  };
}
