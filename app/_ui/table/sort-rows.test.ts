import { expect, it } from "vitest";
import { nextSort, sortRows, type SortValue } from "./sort-rows.ts";

const sorted = (values: SortValue[], dir: "asc" | "desc" = "asc") => sortRows(values, (v) => v, dir);

it("orders numbers by size and names by the numbers in them", () => {
  expect(sorted([10, 9, -1])).toEqual([-1, 9, 10]);
  expect(sorted(["M-10", "M-2", "m-1"])).toEqual(["m-1", "M-2", "M-10"]);
});
it("keeps rows without a value last in both directions", () => {
  expect(sorted([null, 2, undefined, 1])).toEqual([1, 2, null, undefined]);
  expect(sorted([null, 2, "", 1], "desc")).toEqual([2, 1, null, ""]);
});
it("orders instants", () => {
  const [early, late] = [new Date(1), new Date(2)];
  expect(sorted([early, late], "desc")).toEqual([late, early]);
});
it("leaves equals in their order", () => {
  const rows = [
    { id: 1, n: 0 },
    { id: 2, n: 0 },
    { id: 3, n: 0 },
  ];
  expect(sortRows(rows, ({ n }) => n, "desc").map(({ id }) => id)).toEqual([1, 2, 3]);
});
it("goes through first direction, other direction, none", () => {
  const once = nextSort(null, "late", "desc");
  const twice = nextSort(once, "late", "desc");
  expect([once, twice, nextSort(twice, "late", "desc")]).toEqual([
    { by: "late", dir: "desc" },
    { by: "late", dir: "asc" },
    null,
  ]);
  expect(nextSort(once, "name")).toEqual({ by: "name", dir: "asc" });
});
