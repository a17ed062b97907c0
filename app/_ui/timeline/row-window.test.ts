import { expect, it } from "vitest";
import { rowWindow } from "./row-window.ts";

const box = { height: 360, row: 36 };

it("draws what is in sight and some rows around it, and keeps room for the rest", () => {
  expect(rowWindow(10_000, { ...box, top: 0 })).toEqual({ first: 0, end: 22, above: 0, below: 9_978 * 36 });
  expect(rowWindow(10_000, { ...box, top: 36_000 })).toEqual({
    first: 988,
    end: 1_022,
    above: 988 * 36,
    below: 8_978 * 36,
  });
});

it("stays within the rows when it was scrolled past their end", () => {
  expect(rowWindow(130, { ...box, top: 999_999 })).toEqual({ first: 129, end: 130, above: 129 * 36, below: 0 });
  expect(rowWindow(0, { ...box, top: 0 })).toEqual({ first: 0, end: 0, above: 0, below: 0 });
});
