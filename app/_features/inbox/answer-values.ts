import type { ApprovalField, ApprovalOption, ApprovalView } from "#server/features/approvals/schema.ts";

export type FieldProblem = "needed" | "notNumber";
export type Typed = Record<string, string | boolean>;

/** The form before anybody fills it in. */
export function presets(form: readonly ApprovalField[]): Typed {
  return Object.fromEntries(
    form.map(({ name, type, default: value }): [string, string | boolean] => {
      if (type === "boolean") return [name, value === true];
      if (value === undefined || value === null) return [name, ""];
      return [name, typeof value === "object" ? JSON.stringify(value) : String(value as string | number)]; // an object was dealt with
    }),
  );
}

/** What was typed as the values that the flow gets, and what is wrong with it. Fields left empty are left out. */
export function answerValues(
  form: readonly ApprovalField[],
  typed: Typed,
): { values: Record<string, unknown>; problems: Record<string, FieldProblem> } {
  const values: Record<string, unknown> = {};
  const problems: Record<string, FieldProblem> = {};
  for (const { name, type, required } of form) {
    const given = typed[name];
    if (type === "boolean") values[name] = given === true;
    else if (typeof given !== "string" || given.trim() === "") {
      if (required) problems[name] = "needed";
    } else if (type === "number") {
      const number = Number(given.replace(",", "."));
      if (Number.isFinite(number)) values[name] = number;
      else problems[name] = "notNumber";
    } else values[name] = given;
  }
  return { values, problems };
}

/** The option that the key for approving or rejecting stands for; undefined: none is clearly it. */
export function optionFor(key: "approve" | "reject", options: readonly ApprovalOption[]): ApprovalOption | undefined {
  const style = key === "approve" ? "primary" : "danger";
  const words = key === "approve" ? /^(approve|yes|ok|accept)/i : /^(reject|no|deny|refuse|decline)/i;
  const styled = options.filter((option) => option.style === style);
  return (styled.length === 1 ? styled[0] : undefined) ?? options.find(({ value }) => words.test(value));
}

export const labelOf = ({ options }: Pick<ApprovalView, "options">, value: string | null): string =>
  options.find((option) => option.value === value)?.label ?? value ?? "";
