/** One argument of a tool, as its JSON schema describes it. */
export interface Property {
  name: string;
  description: string;
  type: "string" | "number" | "integer" | "boolean" | "array" | "object" | "unknown";
  required: boolean;
  /** Allowed values, where the schema lists them. */
  values: (string | number | boolean)[];
  pattern: RegExp | undefined;
  format: string;
  minimum: number | undefined;
  maximum: number | undefined;
  /** Of an array: what it holds. */
  items: Property | undefined;
}

type Schema = Record<string, unknown>;
const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);
const TYPES = ["string", "number", "integer", "boolean", "array", "object"] as const;

export function propertiesOf(parameters: Schema | undefined): Property[] {
  if (!isSchema(parameters?.properties)) return [];
  const required = new Set(Array.isArray(parameters.required) ? parameters.required : []);
  return Object.entries(parameters.properties).map(([name, schema]) =>
    readProperty(name, schema, required.has(name), parameters),
  );
}

function readProperty(name: string, given: unknown, required: boolean, root: Schema): Property {
  const schema = resolve(given, root, 0);
  const types = new Set([schema.type].flat());
  const values = (Array.isArray(schema.enum) ? schema.enum : "const" in schema ? [schema.const] : []).filter(isScalar);
  const type = TYPES.find((each) => types.has(each));
  return {
    name,
    description:
      typeof schema.description === "string"
        ? schema.description
        : typeof schema.title === "string"
          ? schema.title
          : "",
    type: type ?? (typeof values[0] === "string" ? "string" : "unknown"),
    // What has a default need not be asked for.
    required: required && !("default" in schema),
    values,
    pattern: typeof schema.pattern === "string" ? compile(schema.pattern) : undefined,
    format: typeof schema.format === "string" ? schema.format : "",
    minimum: typeof schema.minimum === "number" ? schema.minimum : undefined,
    maximum: typeof schema.maximum === "number" ? schema.maximum : undefined,
    items: schema.items === undefined ? undefined : readProperty(name, schema.items, false, root),
  };
}

/** Follows local references and takes the first branch that is not null; the outer description wins. */
function resolve(given: unknown, root: Schema, depth: number): Schema {
  if (!isSchema(given) || depth > 5) return {};
  let schema = given;
  if (typeof schema.$ref === "string" && schema.$ref.startsWith("#/")) {
    let target: unknown = root;
    for (const key of schema.$ref.slice(2).split("/")) target = isSchema(target) ? target[key] : undefined;
    schema = { ...resolve(target, root, depth + 1), ...schema };
  }
  const branches = [schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []].flat().filter(isSchema);
  const branch = branches.find((each) => each.type !== "null");
  return branch ? { ...resolve(branch, root, depth + 1), ...schema } : schema;
}

/** A pattern comes from another server: one that is long, nested or does not compile is not used. */
function compile(pattern: string): RegExp | undefined {
  if (pattern.length > 120 || /[+*}]\)?[+*{]/.test(pattern)) return undefined;
  try {
    return new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
}
