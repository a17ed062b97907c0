import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { parseForm } from "./parse-form.ts";

const require = createRequire(import.meta.url);
const express = createRequire(createRequire(require.resolve("node-red/package.json")).resolve("express"));
const qs = express("qs") as { parse(text: string, options: object): object };

it.each([
  "a=1&b=two+words&c=%C3%A9",
  "a=1&a=2&a=3",
  "a[]=1&a[]=2",
  "a[b]=1&a[c][d]=2",
  "a[0]=x&a[1]=y",
  "a=",
  "a",
  "",
  "&&a=1&&",
  "a=%zz",
  "rows[0][n]=1&rows[1][n]=2",
])("%s is read as by the parser of Express 4", (text) => {
  expect(parseForm(text)).toEqual(qs.parse(text, { allowPrototypes: true }));
});

it("makes no property that an object must not have", () => {
  const form = parseForm("__proto__[x]=1&constructor[prototype][x]=1&a[__proto__][x]=1&b=2");
  expect(form).toEqual({ b: "2" });
  expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
});

it("is bounded in what it takes and how deep it goes", () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `p${i}=1`).join("&");
  expect(Object.keys(parseForm(many))).toHaveLength(1_000);
  const deep = `a${"[b]".repeat(5_000)}=1`;
  expect(JSON.stringify(parseForm(deep)).length).toBeLessThan(20_000);
});
