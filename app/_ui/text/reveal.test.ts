import { expect, it } from "vitest";
import { reveal } from "./reveal.ts";

it("writes out what nobody sees, where it stands", () => {
  expect(reveal("stock\u200B\u202Elevel")).toEqual([
    { text: "stock", hidden: false },
    { text: "U+200B U+202E", hidden: true },
    { text: "level", hidden: false },
  ]);
  expect(reveal("\u{E0041}")).toEqual([{ text: "U+E0041", hidden: true }]);
});

it("leaves plain texts, lines and joined emoji as they are", () => {
  for (const text of ["", "Lists orders.\n\tBy day – “late” ones too", "👩\u200D🔧 ok"])
    expect(
      reveal(text)
        .map((run) => run.text)
        .join(""),
    ).toBe(text);
});
