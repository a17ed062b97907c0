import { describe, expect, it } from "vitest";
import { answerValues, keyOptions, presets } from "./answer-values.ts";

describe("a form's values", () => {
  it("begins with what the flow proposes", () => {
    const form = [
      { name: "a", label: "A", type: "text", default: "x" },
      { name: "b", label: "B", type: "boolean", default: true },
      { name: "c", label: "C", type: "number", default: 0 },
      { name: "d", label: "D", type: "select", options: ["1"] },
    ] as const;
    expect(presets(form.map((field) => ({ ...field, options: ["1"] })))).toEqual({ a: "x", b: true, c: "0", d: "" });
  });

  it("are of the field's type; what was left empty is left out", () => {
    const form = [
      { name: "n", label: "N", type: "number" },
      { name: "t", label: "T", type: "textarea" },
      { name: "b", label: "B", type: "boolean" },
    ] as const;
    expect(answerValues(form, { n: "1,5", t: " ", b: false })).toEqual({ values: { n: 1.5, b: false }, problems: {} });
  });

  it("names what is missing and what is no number", () => {
    const form = [
      { name: "n", label: "N", type: "number", required: true },
      { name: "t", label: "T", type: "text", required: true },
    ] as const;
    expect(answerValues(form, { n: "many", t: "" }).problems).toEqual({ n: "notNumber", t: "needed" });
  });
});

describe("the keys a and r", () => {
  const option = (value: string, style?: "primary" | "danger") => ({
    value,
    label: value,
    ...(style ? { style } : {}),
  });
  const keys = (...options: ReturnType<typeof option>[]) => {
    const { approve, reject } = keyOptions(options);
    return [approve?.value, reject?.value];
  };
  it("stand for what says that it approves or rejects", () => {
    expect(keys(option("later"), option("reject", "danger"), option("approve", "primary"))).toEqual([
      "approve",
      "reject",
    ]);
    expect(keys(option("yes"), option("no"), option("later"))).toEqual(["yes", "no"]);
  });
  it("go by the marked one, and of two by the other one", () => {
    expect(keys(option("order", "primary"), option("not yet"))).toEqual(["order", "not yet"]);
    expect(keys(option("reject"), option("go on"))).toEqual(["go on", "reject"]);
  });
  it("do not take what is dangerous for a rejection", () => {
    expect(keys(option("hold", "danger"), option("leave"))).toEqual([undefined, undefined]);
  });
  it("stand for nothing where it is not clear", () => {
    expect(keys(option("a", "primary"), option("b", "primary"), option("c"))).toEqual([undefined, undefined]);
  });
});
