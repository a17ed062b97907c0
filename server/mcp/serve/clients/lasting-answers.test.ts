import { getEventListeners } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AppError } from "../../../kernel/errors.ts";
import type { Surface } from "../surface/surface.ts";
import { OLGA } from "../test-endpoint.ts";
import { answerOn } from "../wire/answer.ts";
import { lastingAnswers } from "./lasting-answers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const surface = { path: "/mcp" } as Surface; // nothing else of it is looked at
function visit() {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  return { request, response, surface, actor: OLGA, answer: answerOn(response, undefined, "request-1") };
}

it("keeps nothing of an answer that is over, or was before it began to last", () => {
  const closing = new AbortController();
  const watchOver = lastingAnswers({ admit: async () => ({ actor: OLGA }), closing: closing.signal });
  for (let i = 0; i < 300; i++) {
    const one = visit();
    if (i % 2) one.response.emit("close");
    watchOver(one);
    one.response.emit("close");
  }
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(closing.signal, "abort")).toEqual([]);
});

it("bounds how many one person has at a time", () => {
  const { signal } = new AbortController();
  const watchOver = lastingAnswers({ admit: async () => ({ actor: OLGA }), closing: signal });
  const all = Array.from({ length: 128 }, visit);
  for (const one of all) watchOver(one);
  expect(() => watchOver(visit())).toThrow("More than 128");
  watchOver({ ...visit(), actor: { ...OLGA, userId: "usr_other" } });
  all[0]!.response.emit("close");
  watchOver(visit());
});

it("ends them when the server stops, and soon after the person would not be let in, but not with the database", async () => {
  const closing = new AbortController();
  let why: AppError | undefined = new AppError("unavailable", "database.away", "The database is away");
  const admit = async () => {
    if (why) throw why;
    return { actor: OLGA };
  };
  const watchOver = lastingAnswers({ admit, closing: closing.signal });
  const one = watchOver(visit());
  await vi.advanceTimersByTimeAsync(15_000);
  expect(one.aborted).toBe(false);
  why = new AppError("unauthenticated", "auth.revoked", "This API key was revoked");
  await vi.advanceTimersByTimeAsync(15_000);
  expect(one.aborted).toBe(true);
  why = undefined;
  const other = watchOver(visit());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(other.aborted).toBe(false);
  closing.abort();
  expect(other.aborted).toBe(true);
  expect(watchOver(visit()).aborted).toBe(true);
});
