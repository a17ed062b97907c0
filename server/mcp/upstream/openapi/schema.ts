import type { Json } from "../../exchange.ts";
import { isObject, pointed } from "./document.ts";

/** Collects the schemas that others refer to, each once, so that circles stay finite. */
export interface SchemaReader {
  /** A schema of the document as JSON Schema 2020-12; what it refers to is in `defs`. */
  read(schema: unknown): Json;
  /** The schemas referred to so far, by name; as `$defs` beside what was read. */
  defs(): Json;
}

/** Where a keyword holds a schema, several, or several by name. */
const ONE = new Set([
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
]);
const LIST = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const NAMED = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
/** Of OpenAPI, and of no use to whoever calls a tool. */
const DROPPED = new Set([
  "nullable",
  "discriminator",
  "xml",
  "externalDocs",
  "example",
  "examples",
  "$schema",
  "$id",
  "id",
  "$anchor",
  "$dynamicAnchor",
  "$dynamicRef",
  "$comment",
]);
const MAX_DEPTH = 40;

/**
 * `loose` keeps shapes and words only: nothing is required or excluded, and everything may be null. For answers, where
 * documents and services differ, and a client that checks must not lose an answer by it.
 */
export function schemaReader(document: Json, { loose = false } = {}): SchemaReader {
  const names = new Map<string, string>();
  const defs: Json = {};

  const refer = (ref: string): Json => {
    const known = names.get(ref);
    if (known) return { $ref: `#/$defs/${known}` };
    const target = pointed(document, ref);
    if (!isObject(target)) return {}; // elsewhere, or nowhere: anything goes
    const name = freeName(ref.split("/").at(-1) ?? "", defs);
    names.set(ref, name);
    defs[name] = {}; // its place is taken while it is read: it may refer to itself
    defs[name] = read(target, 0);
    return { $ref: `#/$defs/${name}` };
  };
  const read = (given: unknown, depth: number): Json => {
    if (given === false) return loose ? {} : { not: {} };
    if (!isObject(given) || depth > MAX_DEPTH) return {};
    const { $ref } = given;
    if (typeof $ref === "string") {
      const referred = refer($ref);
      const { description } = given;
      return typeof description === "string" ? { ...referred, description } : referred;
    }
    const result: Json = {};
    for (const [keyword, value] of Object.entries(given)) {
      if (DROPPED.has(keyword) || keyword.startsWith("x-")) continue;
      if (loose && !SHAPE.has(keyword)) continue;
      if (ONE.has(keyword)) {
        if (loose && !isObject(value)) continue;
        result[keyword] = typeof value === "boolean" ? value : read(value, depth + 1);
      } else if (LIST.has(keyword)) {
        if (Array.isArray(value)) result[keyword] = value.map((one) => read(one, depth + 1));
      } else if (NAMED.has(keyword)) {
        if (isObject(value))
          result[keyword] = Object.fromEntries(
            Object.entries(value).map(([name, one]) => [name, read(one, depth + 1)]),
          );
      } else result[keyword] = value;
    }
    return modern(result, given, loose);
  };
  return { read: (schema) => read(schema, 0), defs: () => defs };
}

const SHAPE = new Set([
  "type",
  "title",
  "description",
  "properties",
  "items",
  "additionalProperties",
  "allOf",
  "anyOf",
]);

/** What OpenAPI 3.0 says in other words than JSON Schema. */
function modern(schema: Json, given: Json, loose: boolean): Json {
  for (const [bound, limit] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    const value = schema[bound];
    if (typeof value !== "boolean") continue;
    delete schema[bound];
    if (value && schema[limit] !== undefined) {
      schema[bound] = schema[limit];
      delete schema[limit];
    }
  }
  const { type } = schema;
  if ((given["nullable"] === true || loose) && type !== undefined) {
    const types: unknown[] = Array.isArray(type) ? type : [type];
    if (!types.includes("null")) schema["type"] = [...types, "null"];
    if (Array.isArray(schema["enum"]) && !schema["enum"].includes(null)) schema["enum"] = [...schema["enum"], null];
  }
  return schema;
}

function freeName(wanted: string, taken: Json): string {
  const base = wanted.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 100) || "Schema";
  let name = base;
  for (let n = 2; name in taken; n++) name = `${base}_${n}`;
  return name;
}
