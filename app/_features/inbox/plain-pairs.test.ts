import { expect, it } from "vitest";
import { isMoment, plainPairs } from "./plain-pairs.ts";

it("reads an object of plain values as words, without what is empty", () => {
  expect(plainPairs({ batch_id: "B-1", quantityPcs: 15, held: false, note: null })).toEqual([
    ["Batch id", "B-1"],
    ["Quantity pcs", "15"],
    ["Held", false],
  ]);
});

it("leaves to others what is no such object", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`k${n}`, n]));
  for (const value of [null, 1, "a", [], {}, { a: {} }, { a: "x".repeat(500) }, many])
    expect(plainPairs(value)).toBeNull();
});

it("knows a point in time when it sees one", () => {
  expect(["2026-11-21T14:26:00Z", "2026-11-21T14:26:00.123+01:00", "2026-11-21", "Z"].map(isMoment)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
