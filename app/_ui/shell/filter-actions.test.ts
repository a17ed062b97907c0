import { expect, it } from "vitest";
import { filterActions, groupActions } from "./filter-actions.ts";

const actions = [
  { id: "1", label: "Open runs", group: "Go to" },
  { id: "2", label: "Run a flow", group: "Do", keywords: ["start", "ausführen"] },
  { id: "3", label: "Cancel everything", group: "Do", description: "stops all runs" },
];
const ids = (typed: string) => filterActions(actions, typed).map(({ id }) => id);

it("puts a label that begins with the word first, then a word within it, then the description", () => {
  expect(ids("run")).toEqual(["2", "1", "3"]);
});
it("wants every word, wherever it stands, without regard to case and accents", () => {
  expect(ids("ALL can")).toEqual(["3"]);
  expect(ids("ausfuhren")).toEqual(["2"]);
  expect(ids("run zebra")).toEqual([]);
});
it("shows all in their order when nothing is typed", () => {
  expect(ids("  ")).toEqual(["1", "2", "3"]);
});
it("keeps the best match's group first", () => {
  expect(groupActions(filterActions(actions, "run")).map(({ group }) => group)).toEqual(["Do", "Go to"]);
});
