import { humanise, unitOf } from "#app/_ui/data/units.ts";

/** One value of a JSON Schema's object as a form asks for it: an argument of a tool, a setting of a server. */
export interface Field {
  name: string;
  label: string;
  kind: "text" | "secret" | "number" | "integer" | "boolean" | "choice" | "list" | "json";
  required: boolean;
  description?: string;
  choices?: string[];
  min?: number;
  max?: number;
  /** What the tool takes when nothing is given. */
  preset?: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The arguments of an object schema, in its order; what a form cannot ask for otherwise is asked for as JSON. */
export function fieldsOf(schema: Record<string, unknown>): Field[] {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  return Object.entries(properties).map(([name, raw]) => {
    const property = isRecord(raw) ? raw : {};
    const unit = unitOf(name);
    const choices = Array.isArray(property["enum"])
      ? property["enum"].filter((one) => typeof one === "string")
      : undefined;
    const { type, title, description, minimum, maximum } = property;
    const kind: Field["kind"] = choices?.length
      ? "choice"
      : type === "string"
        ? property["format"] === "password" || property["writeOnly"] === true
          ? "secret"
          : "text"
        : type === "number" || type === "integer" || type === "boolean"
          ? type
          : type === "array" && isRecord(property["items"]) && property["items"]["type"] === "string"
            ? "list"
            : "json";
    const preset = property["default"];
    return {
      name,
      label: typeof title === "string" && title ? title : unit ? `${humanise(name)} (${unit})` : humanise(name),
      kind,
      // what has a default is there without being given, whatever the list says
      required: required.has(name) && preset === undefined,
      ...(typeof description === "string" ? { description } : {}),
      ...(choices?.length ? { choices } : {}),
      // schema generators write the safe integers where there is no bound
      ...(typeof minimum === "number" && Number.isSafeInteger(minimum * 2) ? { min: minimum } : {}),
      ...(typeof maximum === "number" && Number.isSafeInteger(maximum * 2) ? { max: maximum } : {}),
      ...(preset === undefined ? {} : { preset: typeof preset === "string" ? preset : JSON.stringify(preset) }),
    };
  });
}

export type FieldProblem = "required" | "json";

/** The arguments from what was typed; fields left empty are left out. `problems` by field. */
export function argumentsOf(
  fields: readonly Field[],
  typed: Readonly<Record<string, string>>,
): { args: Record<string, unknown>; problems: Record<string, FieldProblem> } {
  const args: Record<string, unknown> = {};
  const problems: Record<string, FieldProblem> = {};
  for (const { name, kind, required } of fields) {
    const text = typed[name]?.trim() ?? "";
    if (text === "") {
      if (required) problems[name] = "required";
    } else if (kind === "number" || kind === "integer") args[name] = Number(text);
    else if (kind === "boolean") args[name] = text === "true";
    else if (kind === "list")
      args[name] = text
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean);
    else if (kind === "json") {
      try {
        args[name] = JSON.parse(text);
      } catch {
        problems[name] = "json";
      }
    } else args[name] = text;
  }
  return { args, problems };
}

/** What is set already, as it would have been typed. */
export const typedOf = (fields: readonly Field[], values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    fields.flatMap(({ name, kind }) => {
      const value = values[name];
      if (value === undefined || value === null) return [];
      if (kind === "list" && Array.isArray(value)) return [[name, value.join("\n")]];
      return [[name, kind !== "json" && typeof value === "string" ? value : JSON.stringify(value)]];
    }),
  );
