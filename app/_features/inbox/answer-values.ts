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

/** What was typed as the values that the flow gets, and what is wrong with it. Fields left empty are left out, or said to be empty where
 * they had a default. */
export function answerValues(
  form: readonly ApprovalField[],
  typed: Typed,
): { values: Record<string, unknown>; problems: Record<string, FieldProblem> } {
  const values: Record<string, unknown> = {};
  const problems: Record<string, FieldProblem> = {};
  for (const { name, type, required, default: preset } of form) {
    const given = typed[name];
    if (type === "boolean") values[name] = given === true;
    else if (typeof given !== "string" || given.trim() === "") {
      if (required) problems[name] = "needed";
      else if (preset !== undefined) values[name] = ""; // left out, it would be the default again
    } else if (type === "number") {
      const number = Number(given.replace(",", "."));
      if (Number.isFinite(number)) values[name] = number;
      else problems[name] = "notNumber";
    } else values[name] = given;
  }
  return { values, problems };
}

const APPROVING = /^(approve|accept|agree|allow|confirm|ok|yes|ja)\b/i;
const REJECTING = /^(reject|deny|disagree|refuse|decline|disapprove|no|nein)\b/i;

/**
 * The options that the keys for approving and rejecting stand for; undefined: none is clearly it. An option that is marked
 * as dangerous may be either: to stop a machine is one.
 */
export function keyOptions(options: readonly ApprovalOption[]): {
  approve: ApprovalOption | undefined;
  reject: ApprovalOption | undefined;
} {
  const said = (words: RegExp) => options.filter(({ value, label }) => words.test(value) || words.test(label));
  const only = (found: ApprovalOption[]) => (found.length === 1 ? found[0] : undefined);
  const reject = only(said(REJECTING));
  const approve = only(said(APPROVING)) ?? only(options.filter((one) => one.style === "primary" && one !== reject));
  const other = (known: ApprovalOption | undefined) =>
    known && options.length === 2 ? options.find((one) => one !== known) : undefined;
  return { approve: approve ?? other(reject), reject: reject ?? other(approve) };
}

export const labelOf = ({ options }: Pick<ApprovalView, "options">, value: string | null): string =>
  options.find((option) => option.value === value)?.label ?? value ?? "";
