import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { boundSilence } from "./silence.ts";
import { TooLate } from "./wire-errors.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

it("stands still while a person is asked, and goes on after it", () => {
  const giveUp = vi.fn<(reason: unknown) => void>();
  const silence = boundSilence({ timeoutMs: 1_000 }, giveUp);
  const back = silence.excused();
  vi.advanceTimersByTime(60_000);
  back();
  vi.advanceTimersByTime(999);
  expect(giveUp).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(giveUp).toHaveBeenCalledExactlyOnceWith(expect.any(TooLate));
});

it("ends after twenty times its timeout, also where a person was asked at the end", () => {
  const giveUp = vi.fn<(reason: unknown) => void>();
  const silence = boundSilence({ timeoutMs: 1_000 }, giveUp);
  for (let n = 0; n < 40; n++) {
    vi.advanceTimersByTime(500);
    silence.broken();
  }
  const back = silence.excused();
  vi.advanceTimersByTime(60_000);
  expect(giveUp).not.toHaveBeenCalled();
  back();
  vi.advanceTimersByTime(1_000);
  expect(giveUp).toHaveBeenCalledExactlyOnceWith(expect.any(TooLate));
});
