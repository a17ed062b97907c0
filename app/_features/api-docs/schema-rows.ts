import type { Schema, Schemas } from "./openapi.ts";

/** One line of a schema written as a table. */
export interface SchemaRow {
  /** Unique within the table: `items[].error.code`. */
  key: string;
  name: string;
  depth: number;
  type: string;
  required: boolean;
  description: string;
  /** The values it may have. */
  values: string[];
  /** "1 to 200", "default 50". */
  limits: string[];
}

const DEEPEST = 6;

export function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.split("/").at(-1);
  const target = name === undefined ? undefined : schemas[name];
  if (!target) return schema;
  return { ...target, ...(schema.description ? { description: schema.description } : {}) };
}

/** Without the alternative `null`, which is told beside the type. */
function unwrap(given: Schema, schemas: Schemas): { schema: Schema; nullable: boolean; variants: Schema[] } {
  let schema = resolve(given, schemas);
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => resolve(part, schemas));
    schema = {
      ...schema,
      type: "object",
      properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})) as Record<string, Schema>,
      required: parts.flatMap((part) => part.required ?? []),
    };
  }
  const alternatives = (schema.anyOf ?? schema.oneOf ?? []).map((one) => resolve(one, schemas));
  const real = alternatives.filter(({ type }) => type !== "null");
  const nullable = real.length < alternatives.length || (Array.isArray(schema.type) && schema.type.includes("null"));
  const [only] = real;
  if (only && real.length === 1)
    return {
      schema: { ...only, ...(schema.description ? { description: schema.description } : {}) },
      nullable,
      variants: [],
    };
  return { schema, nullable, variants: real };
}

function nameOfType(schema: Schema, variants: Schema[], schemas: Schemas): string {
  if (variants.length > 0) {
    const names = new Set(variants.map((variant) => nameOfType(variant, [], schemas)));
    return [...names].join(" or ");
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [schema.type].flat().find((one) => one !== undefined && one !== "null");
  if (type === "array" || schema.items) {
    const inner = schema.items ? unwrap(schema.items, schemas) : null;
    return inner ? `array of ${nameOfType(inner.schema, inner.variants, schemas)}` : "array";
  }
  if (type === "object" && !schema.properties && schema.additionalProperties) return "object, any keys";
  if (!type) return schema.enum ? "string" : "any";
  return schema.format ? `${type}, ${schema.format}` : type;
}

function limitsOf({ minimum, maximum, minLength, maxLength, minItems, maxItems, pattern, default: preset }: Schema) {
  const limits: string[] = [];
  const span = (low: number | undefined, high: number | undefined, unit: string) => {
    // what JavaScript's largest whole number says about a limit is nothing
    const top = high !== undefined && high < Number.MAX_SAFE_INTEGER ? high : undefined;
    const bottom = low !== undefined && low > -Number.MAX_SAFE_INTEGER ? low : undefined;
    if (bottom !== undefined && top !== undefined) limits.push(`${bottom} to ${top}${unit}`);
    else if (top !== undefined) limits.push(`at most ${top}${unit}`);
    else if (bottom !== undefined && (bottom > 0 || unit === "")) limits.push(`at least ${bottom}${unit}`);
  };
  span(minimum, maximum, "");
  span(minLength, maxLength, " characters");
  span(minItems, maxItems, " entries");
  if (pattern && pattern.length <= 60) limits.push(pattern);
  if (preset !== undefined) limits.push(`default ${JSON.stringify(preset)}`);
  return limits;
}

const isObject = (schema: Schema) => schema.properties !== undefined;

/** The constant that tells a variant from its siblings. */
function labelOf(variant: Schema): string {
  for (const [name, property] of Object.entries(variant.properties ?? {}))
    if (property.const !== undefined) return `${name}: ${JSON.stringify(property.const)}`;
  return variant.type ? String(variant.type) : "object";
}

/** The fields of a schema, nested ones below their parent; a schema that is no object is one row without a name. */
export function schemaRows(schema: Schema, schemas: Schemas): SchemaRow[] {
  const rows: SchemaRow[] = [];
  const add = (row: Omit<SchemaRow, "values" | "limits"> & Partial<SchemaRow>) =>
    rows.push({ values: [], limits: [], ...row });

  const fields = (of: Schema, depth: number, key: string) => {
    for (const [name, property] of Object.entries(of.properties ?? {}))
      field(name, property, depth, key ? `${key}.${name}` : name, of.required?.includes(name) ?? false);
  };
  const below = (of: Schema, variants: Schema[], depth: number, key: string) => {
    if (depth > DEEPEST) return;
    const objects = variants.filter(isObject);
    if (objects.length > 1) {
      for (const [index, variant] of objects.entries()) {
        const own = `${key}|${index}`;
        add({
          key: own,
          name: "",
          depth,
          type: labelOf(variant),
          required: false,
          description: variant.description ?? "",
        });
        fields(variant, depth + 1, own);
      }
    } else fields(objects[0] ?? of, depth, key);
  };
  const field = (name: string, given: Schema, depth: number, key: string, required: boolean) => {
    const { schema: one, nullable, variants } = unwrap(given, schemas);
    add({
      key,
      name,
      depth,
      type: nameOfType(one, variants, schemas) + (nullable ? " or null" : ""),
      required,
      description: given.description ?? one.description ?? "",
      values: (one.enum ?? []).map(String),
      limits: limitsOf(one),
    });
    const inner = one.items ? unwrap(one.items, schemas) : null;
    if (inner) below(inner.schema, inner.variants, depth + 1, `${key}[]`);
    else below(one, variants, depth + 1, key);
  };

  const { schema: top, variants } = unwrap(schema, schemas);
  if (isObject(top) || variants.filter(isObject).length > 0) below(top, variants, 0, "");
  else if (Object.keys(top).length > 0) field("", top, 0, "body", true);
  return rows;
}
