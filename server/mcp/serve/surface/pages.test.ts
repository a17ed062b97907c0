import { expect, it } from "vitest";
import { pageOf } from "./pages.ts";

const all = Array.from({ length: 1_201 }, (_, i) => ({ name: `tool-${i}` }));

it("gives a long list in pages, each thing once and in order", () => {
  const seen: unknown[] = [];
  let cursor: unknown;
  let pages = 0;
  do {
    const page = pageOf("tools", all, cursor === undefined ? {} : { cursor });
    expect(page).toMatchObject({ cacheScope: "private", ttlMs: expect.any(Number) });
    seen.push(...(page["tools"] as unknown[]));
    cursor = page["nextCursor"];
    pages++;
  } while (cursor !== undefined);
  expect(seen).toEqual(all);
  expect(pages).toBe(3);
});

it("gives a short list at once", () => {
  expect(pageOf("tools", all.slice(0, 3), {})).not.toHaveProperty("nextCursor");
  expect(pageOf("tools", [], {})["tools"]).toEqual([]);
});

it("refuses cursors that it did not give", () => {
  const encoded = (text: string) => Buffer.from(text).toString("base64url");
  for (const cursor of [
    "",
    "x",
    5,
    null,
    encoded("after:-1"),
    encoded("after:1e9"),
    encoded("before:1"),
    encoded("after:99999999999"),
  ])
    expect(() => pageOf("tools", all, { cursor }), String(cursor)).toThrow("The cursor is not one of this list");
});
