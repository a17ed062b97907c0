import { expect, it } from "vitest";
import { autoColumns } from "./auto-columns.ts";

it("takes the keys of all rows, in order of first appearance", () => {
  expect(autoColumns([{ a: "x" }, { b: "y", a: "z" }]).map(({ key }) => key)).toEqual(["a", "b"]);
});
it("takes a column as numeric only where every present value is a number", () => {
  const rows = [
    { n: 1, mixed: 1, gap: null, none: null },
    { n: 2, mixed: "two", gap: 3, none: null },
  ];
  expect(
    autoColumns(rows)
      .filter(({ numeric }) => numeric)
      .map(({ key }) => key),
  ).toEqual(["n", "gap"]);
});
