import { describe, expect, it } from "vitest";
import { answerValues, optionFor, presets } from "./answer-values.ts";

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
  const [yes, no, later] = [
    { value: "approve", label: "Approve", style: "primary" as const },
    { value: "reject", label: "Reject", style: "danger" as const },
    { value: "later", label: "Later" },
  ];
  it("stand for the one option of their kind", () => {
    expect([optionFor("approve", [later, no, yes]), optionFor("reject", [later, no, yes])]).toEqual([yes, no]);
  });
  it("go by the value where none or several are marked", () => {
    expect(optionFor("approve", [{ value: "yes", label: "Ja" }, later])?.value).toBe("yes");
    const twice = [{ ...later, style: "primary" as const }, yes];
    expect(optionFor("approve", twice)).toBe(yes);
  });
  it("stand for nothing where it is not clear", () => {
    expect(optionFor("reject", [yes, later])).toBeUndefined();
  });
});
