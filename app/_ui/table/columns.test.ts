import { expect, it } from "vitest";
import { visibleColumns, type Column } from "./columns.ts";

const columns: Column<object>[] = [
  { id: "name", header: "Name" },
  { id: "state", header: "State", fixed: true },
  { id: "by", header: "By" },
  { id: "tokens", header: "Tokens", optional: true },
];
const ids = (choice: Record<string, boolean>) => visibleColumns(columns, choice).map(({ id }) => id);

it("hides optional columns until they are chosen", () => {
  expect(ids({})).toEqual(["name", "state", "by"]);
  expect(ids({ tokens: true, by: false })).toEqual(["name", "state", "tokens"]);
});
it("never hides the first column or a fixed one, whatever an old choice says", () => {
  expect(ids({ name: false, state: false })).toEqual(["name", "state", "by"]);
});
