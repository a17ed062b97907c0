import { expect, it } from "vitest";
import { debugValue } from "./debug-value.ts";

it("reads Node-RED's own writing back", () => {
  expect(
    debugValue({
      list: { __enc__: true, type: "array", data: [1, { __enc__: true, type: "number", data: "NaN" }], length: 2 },
      nothing: { __enc__: true, type: "undefined" },
      bytes: { __enc__: true, type: "buffer", data: [1, 2], length: 2 },
      fn: { __enc__: true, type: "function" },
      plain: { a: [true, null] },
    }),
  ).toEqual({
    list: [1, "NaN"],
    nothing: undefined,
    bytes: "<Buffer 2>",
    fn: "<function>",
    plain: { a: [true, null] },
  });
});

it("says how much of a long list is missing", () => {
  expect(debugValue({ __enc__: true, type: "array", data: [1, 2], length: 1_500 })).toEqual([1, 2, "… 1498 more"]);
});

it("leaves everything else as it is", () => {
  for (const value of ["text", 7, null, [], { __enc__: "mine" }]) expect(debugValue(value)).toEqual(value);
});
