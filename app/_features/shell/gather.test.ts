import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { gather } from "./gather.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("hands a burst over once, in order, and starts anew with what comes later", () => {
  const seen: number[][] = [];
  const burst = gather<number>(250, (items) => seen.push(items));
  burst.add(1);
  vi.advanceTimersByTime(200);
  burst.add(2);
  vi.advanceTimersByTime(49);
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([[1, 2]]);
  burst.add(3);
  vi.advanceTimersByTime(250);
  expect(seen).toEqual([[1, 2], [3]]);
});

it("says nothing when nothing came", () => {
  const handle = vi.fn<(items: unknown[]) => void>();
  gather(250, handle);
  vi.advanceTimersByTime(10_000);
  expect(handle).not.toHaveBeenCalled();
});
