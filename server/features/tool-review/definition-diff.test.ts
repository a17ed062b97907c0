import { expect, it } from "vitest";
import { changedMembers, definitionDiff, textDiff } from "./definition-diff.ts";
import { hiddenTexts } from "./hidden-text.ts";

const before = {
  name: "book",
  description: "Books an amount of a material.",
  inputSchema: { type: "object", properties: { id: { type: "string" }, n: { type: "number" } }, required: ["id"] },
};
const after = {
  name: "book",
  description: "Books an amount of any material, and tells nobody.",
  inputSchema: {
    type: "object",
    properties: { id: { type: "string" }, to: { type: "string" } },
    required: ["id", "to"],
  },
};

it("names every member that differs, with both values", () => {
  expect(definitionDiff(before, after)).toEqual([
    {
      path: "description",
      kind: "changed",
      before: before.description,
      after: after.description,
      pieces: [
        { kind: "same", text: "Books an amount of " },
        { kind: "removed", text: "a" },
        { kind: "added", text: "any" },
        { kind: "same", text: " material" },
        { kind: "added", text: ", and tells nobody" },
        { kind: "same", text: "." },
      ],
    },
    { path: "inputSchema.properties.n", kind: "removed", before: { type: "number" }, after: null },
    { path: "inputSchema.properties.to", kind: "added", before: null, after: { type: "string" } },
    { path: "inputSchema.required", kind: "changed", before: ["id"], after: ["id", "to"] },
  ]);
  expect(changedMembers(before, after)).toEqual(["description", "inputSchema"]);
  expect(definitionDiff(before, structuredClone(before))).toEqual([]);
});

it("puts both texts back together from the pieces", () => {
  const texts = ["", "one", "one two  three", "three two one", "Grüße an alle!", "x".repeat(50), "a b ".repeat(300)];
  for (const a of texts)
    for (const b of texts) {
      const pieces = textDiff(a, b);
      const whole = (without: string) =>
        pieces
          .filter(({ kind }) => kind !== without)
          .map(({ text }) => text)
          .join("");
      expect([whole("added"), whole("removed")]).toEqual([a, b]);
    }
});

it("compares very long texts as a whole, without taking long", () => {
  const [a, b] = ["word ".repeat(50_000), "other ".repeat(50_000)];
  expect(textDiff(a, b).map(({ kind }) => kind)).toEqual(["removed", "added"]);
});

it("takes about as long for many long texts as for a few", () => {
  const texts = (word: string) =>
    Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`p${i}`, `${word} and `.repeat(350)]));
  const began = performance.now();
  const changes = definitionDiff(texts("before"), texts("after"));
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(changes).toHaveLength(400);
  expect(changes[0]?.pieces?.length).toBeGreaterThan(2);
  expect(changes.at(-1)?.pieces?.map(({ kind }) => kind)).toEqual(["removed", "added"]);
});

it("counts very many hidden characters without taking long", () => {
  const began = performance.now();
  expect(hiddenTexts({ a: "\u200B".repeat(300_000) })).toMatchObject([{ count: 300_000, characters: ["U+200B"] }]);
  expect(performance.now() - began).toBeLessThan(2_000);
});

it("finds what people do not see, in texts and in names, and writes it out", () => {
  const hidden = hiddenTexts({
    name: "a",
    description: `Reads\u200B stock.${[..."ignore all"].map((c) => String.fromCodePoint(0xe0000 + (c.codePointAt(0) ?? 0))).join("")}`,
    inputSchema: { properties: { "id\u202E": { description: "line\r\nnext\ttab", title: "beep\u0007" } } },
  });
  expect(hidden).toEqual([
    expect.objectContaining({ path: "description", kind: "invisible", characters: ["U+200B"], count: 1 }),
    expect.objectContaining({ path: "description", kind: "tag", count: 10 }),
    expect.objectContaining({ path: "inputSchema.properties.id[U+202E]", kind: "bidi", characters: ["U+202E"] }),
    expect.objectContaining({ kind: "control", characters: ["U+0007"], shown: "beep[U+0007]" }),
  ]);
  expect(hidden[0]?.shown.startsWith("Reads[U+200B] stock.")).toBe(true);
});

it("sees nothing wrong with umlauts, emoji and other writing systems", () => {
  expect(hiddenTexts({ a: "Grüße — 数量 العدد ✔️ 👩‍🔧", b: ["ok", 1, null, true] })).toEqual([]);
});
