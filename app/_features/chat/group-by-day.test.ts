import { expect, it } from "vitest";
import { groupByDay } from "./group-by-day.ts";

const at = (...parts: [number, number, number, number?]) => ({ updatedAt: new Date(...parts) });

it("groups by the reader's calendar days, not by hours passed", () => {
  const now = new Date(2030, 2, 1, 0, 30);
  const groups = groupByDay(
    [
      at(2030, 2, 1, 0),
      at(2030, 1, 28, 23),
      at(2030, 1, 28, 0),
      at(2030, 1, 22, 12),
      at(2030, 1, 3, 1),
      at(2029, 11, 9),
    ],
    now,
  );
  expect(groups.map(({ key, items }) => [key, items.length])).toEqual([
    ["today", 1],
    ["yesterday", 2],
    ["week", 1],
    ["2030-02", 1],
    ["2029-12", 1],
  ]);
});

it("makes no groups of nothing", () => {
  expect(groupByDay([], new Date(2030, 0, 1))).toEqual([]);
});
