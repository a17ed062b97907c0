import { expect, it } from "vitest";
import { isCurrent } from "./is-current.ts";

it("marks an entry on its own page and below it, but not beside it", () => {
  expect(isCurrent("/runs", "/runs")).toBe(true);
  expect(isCurrent("/runs/8f2", "/runs")).toBe(true);
  expect(isCurrent("/runs-archive", "/runs")).toBe(false);
});

it("marks home only at home", () => {
  expect(isCurrent("/", "/")).toBe(true);
  expect(isCurrent("/chat", "/")).toBe(false);
});
