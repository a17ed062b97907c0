import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ANSWER_WITHIN_MS, createSuspended, type Suspended } from "./suspended.ts";

let suspended: Suspended;
beforeEach(() => {
  vi.useFakeTimers();
  suspended = createSuspended();
});
afterEach(() => {
  suspended.close();
  vi.useRealTimers();
});

const client = () => {
  const gone = new AbortController();
  const said: unknown[] = [];
  return { gone, said, signal: gone.signal, notify: (what: unknown) => void said.push(what) };
};
const form = (message: string) => ({ method: "elicitation/create", params: { message } });
const able = { elicitation: {}, roots: {} };
/** Lets a few milliseconds of the fake clock pass while it is waited for. */
const soon = async <T>(wanted: Promise<T>): Promise<T> => {
  wanted.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(20);
  return wanted;
};

it("is over at once where nothing is asked", async () => {
  expect(await suspended.begin("p", able, async () => ({ ok: true }), client())).toEqual({ result: { ok: true } });
  expect(suspended.size).toBe(0);
});

it("asks, waits, and goes on with the answers where another request brings them", async () => {
  const first = client();
  const second = client();
  const asked = await soon(
    suspended.begin(
      "p",
      able,
      async ({ ask, notify }) => {
        notify({ method: "notifications/progress", params: { progress: 1 } });
        const [name, roots] = await Promise.all([ask(form("name?")), ask({ method: "roots/list", params: {} })]);
        notify({ method: "notifications/progress", params: { progress: 2 } });
        return { name, roots };
      },
      first,
    ),
  );
  if (!("questions" in asked)) throw new Error("nothing was asked");
  expect(asked.questions).toEqual({ q1: form("name?"), q2: { method: "roots/list", params: {} } });
  expect(suspended.size).toBe(1);
  const ended = await soon(
    suspended.resume(asked.id, asked.round, { q1: { action: "accept" }, q2: { roots: [] }, more: {} }, second),
  );
  expect(ended).toEqual({ result: { name: { action: "accept" }, roots: { roots: [] } } });
  expect(first.said).toHaveLength(1);
  expect(second.said).toHaveLength(1);
  expect(suspended.size).toBe(0);
});

it("asks again for what was not answered, and goes on once with each round", async () => {
  const run = async ({ ask }: { ask: (q: ReturnType<typeof form>) => Promise<object> }) => ({
    ...(await ask(form("?"))),
  });
  const first = await soon(suspended.begin("p", able, run, client()));
  if (!("questions" in first)) throw new Error("nothing was asked");
  const second = await soon(suspended.resume(first.id, first.round, { q1: 12345 }, client()));
  if (!("questions" in second)) throw new Error("nothing was asked");
  expect(second.questions).toEqual(first.questions);
  await expect(suspended.resume(first.id, first.round, { q1: {} }, client())).rejects.toMatchObject({ code: -32602 });
  expect(await soon(suspended.resume(second.id, second.round, { q1: { a: 1 } }, client()))).toEqual({
    result: { a: 1 },
  });
  await expect(suspended.resume(second.id, second.round, { q1: {} }, client())).rejects.toMatchObject({ code: -32602 });
});

it("cancels when the client goes while it waits for the result, not while a person thinks", async () => {
  let seen: AbortSignal | undefined;
  const asking = client();
  const asked = await soon(
    suspended.begin(
      "p",
      able,
      async ({ ask, signal }) => {
        seen = signal;
        await ask(form("?"));
        return new Promise((_, failed) => signal.addEventListener("abort", () => failed(signal.reason as Error)));
      },
      asking,
    ),
  );
  if (!("questions" in asked)) throw new Error("nothing was asked");
  asking.gone.abort();
  expect(seen?.aborted).toBe(false);
  const waiting = client();
  const end = suspended.resume(asked.id, asked.round, { q1: {} }, waiting);
  end.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(20);
  waiting.gone.abort(new Error("gone"));
  await expect(end).rejects.toThrow("gone");
});

it("keeps nothing of what ended while its questions were gathered", async () => {
  const asking = client();
  const begun = suspended.begin(
    "p",
    able,
    ({ ask, signal }) =>
      new Promise((_, failed) => {
        signal.addEventListener("abort", () => failed(signal.reason as Error));
        void ask(form("?"));
      }),
    asking,
  );
  await vi.advanceTimersByTimeAsync(1);
  asking.gone.abort(new Error("gone"));
  await expect(soon(begun)).rejects.toThrow("gone");
  expect(suspended.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("gives up what nobody answers in ten minutes", async () => {
  let seen: AbortSignal | undefined;
  const asked = await soon(
    suspended.begin(
      "p",
      able,
      ({ ask, signal }) => {
        seen = signal;
        return new Promise((_, failed) => {
          signal.addEventListener("abort", () => failed(signal.reason as Error));
          void ask(form("?"));
        });
      },
      client(),
    ),
  );
  if (!("questions" in asked)) throw new Error("nothing was asked");
  await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS);
  expect(seen?.aborted).toBe(true);
  expect(suspended.size).toBe(0);
  await expect(suspended.resume(asked.id, asked.round, {}, client())).rejects.toMatchObject({ code: -32602 });
});

it("asks a client nothing that it did not declare", async () => {
  const ask = (question: { method: string; params: object }, capabilities: object) =>
    suspended.begin(
      "p",
      { ...capabilities },
      ({ ask: of }) => of({ ...question, params: { ...question.params } }),
      client(),
    );
  const url = { method: "elicitation/create", params: { mode: "url" } };
  await expect(ask(form("?"), {})).rejects.toMatchObject({ code: -32021 });
  await expect(ask(url, { elicitation: {} })).rejects.toMatchObject({ code: -32021 });
  await expect(ask(form("?"), { elicitation: { url: {} } })).rejects.toMatchObject({ code: -32021 });
  await expect(ask({ method: "tools/list", params: {} }, able)).rejects.toMatchObject({ code: -32601 });
  expect(await soon(ask(url, { elicitation: { url: {} } }))).toHaveProperty("questions");
});

it("keeps only so many of one person waiting", async () => {
  const one = () => soon(suspended.begin("p", able, async ({ ask }) => ask(form("?")), client()));
  for (let i = 0; i < 32; i++) await one();
  await expect(one()).rejects.toThrow("Too many questions");
  expect(await soon(suspended.begin("other", able, async ({ ask }) => ask(form("?")), client()))).toHaveProperty(
    "questions",
  );
});
