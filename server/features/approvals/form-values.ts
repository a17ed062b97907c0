import { AppError } from "#server/kernel/errors.ts";
import type { ApprovalField } from "./schema.ts";

const MAX_TEXT = 10_000;
const isEmpty = (value: unknown) => value === undefined || value === null || value === "";

/** The value of a field, or why it is none. */
function fieldValue({ type, options }: ApprovalField, value: unknown): { value: unknown } | { wrong: string } {
  switch (type) {
    case "number": {
      const number = typeof value === "string" && value.trim() ? Number(value) : value;
      return typeof number === "number" && Number.isFinite(number) ? { value: number } : { wrong: "Must be a number" };
    }
    case "boolean":
      return typeof value === "boolean" ? { value } : { wrong: "Must be yes or no" };
    case "select":
      return typeof value === "string" && (options ?? []).includes(value)
        ? { value }
        : { wrong: `Must be one of ${(options ?? []).join(", ")}` };
    default:
      if (typeof value !== "string") return { wrong: "Must be a text" };
      return value.length <= MAX_TEXT ? { value } : { wrong: `Must have at most ${MAX_TEXT} characters` };
  }
}

/** What a form holds before anybody fills it in; taken when the approval expires. */
export const defaultValues = (form: readonly ApprovalField[]): Record<string, unknown> =>
  Object.fromEntries(form.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])));

/** The form as it was filled in, with defaults. Throws `unprocessable` (`approval.form`) naming every wrong field. */
export function formValues(
  form: readonly ApprovalField[],
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const fields: { path: string; message: string }[] = [];
  const values: Record<string, unknown> = defaultValues(form);
  const names = new Set(form.map(({ name }) => name));
  for (const name of Object.keys(given))
    if (!names.has(name)) fields.push({ path: `values.${name}`, message: "The form has no such field" });
  for (const field of form) {
    const value = Object.hasOwn(given, field.name) ? given[field.name] : values[field.name];
    if (isEmpty(value)) {
      delete values[field.name];
      if (field.required) fields.push({ path: `values.${field.name}`, message: `${field.label} is needed` });
      continue;
    }
    const read = fieldValue(field, value);
    if ("wrong" in read) fields.push({ path: `values.${field.name}`, message: read.wrong });
    else values[field.name] = read.value;
  }
  if (fields.length > 0)
    throw new AppError("unprocessable", "approval.form", `${fields[0]?.path}: ${fields[0]?.message}`, { fields });
  return values;
}
