/** Keywords of JSON Schema whose value is a schema, a list of schemas, or schemas by name. */
const SCHEMAS = new Set([
  "items",
  "additionalItems",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "contains",
  "propertyNames",
  "allOf",
  "anyOf",
  "oneOf",
  "prefixItems",
]);
const BY_NAME = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);
/** What may become stricter when a schema below it becomes laxer. */
const TURNS_ROUND = ["not", "if", "then", "else", "contains", "minContains", "maxContains", "oneOf"];

/**
 * A schema that takes everything that the given one takes, and runs no regular expression: those of an upstream could
 * hold up the process for ever (`^(a+)+$`), and the upstream checks its arguments itself. `changed`: there was one.
 */
export function withoutPatterns(schema: unknown): { schema: unknown; changed: boolean } {
  if (Array.isArray(schema)) {
    const items = schema.map(withoutPatterns);
    return { schema: items.map((item) => item.schema), changed: items.some(({ changed }) => changed) };
  }
  if (typeof schema !== "object" || schema === null) return { schema, changed: false };
  const lax: Record<string, unknown> = {};
  let changed = false;
  const turned = new Set<string>();
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "pattern" || keyword === "patternProperties") {
      changed = true;
      continue;
    }
    if (BY_NAME.has(keyword) && typeof value === "object" && value !== null) {
      const parts = Object.entries(value).map(([name, part]) => [name, withoutPatterns(part)] as const);
      changed ||= parts.some(([, part]) => part.changed);
      lax[keyword] = Object.fromEntries(parts.map(([name, part]) => [name, part.schema]));
    } else if (SCHEMAS.has(keyword) || TURNS_ROUND.includes(keyword)) {
      const part = withoutPatterns(value);
      changed ||= part.changed;
      lax[keyword] = part.schema;
      if (part.changed && TURNS_ROUND.includes(keyword)) turned.add(keyword);
    } else lax[keyword] = value;
  }
  if (turned.size > 0) for (const keyword of TURNS_ROUND) delete lax[keyword];
  // without them, what their patterns let in would count as additional
  if ("patternProperties" in schema)
    for (const keyword of ["additionalProperties", "unevaluatedProperties"]) delete lax[keyword];
  return { schema: lax, changed };
}
