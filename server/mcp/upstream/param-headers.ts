import type { Json } from "../exchange.ts";
import { encodeHeaderValue } from "./header-value.ts";
import { isObject } from "./message.ts";

/** An argument that is repeated as the header `Mcp-Param-<name>`. */
export interface ParamHeader {
  path: string[];
  name: string;
}

const KEY = "x-mcp-header";
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110, 5.6.2
const TYPES = new Set(["string", "integer", "boolean"]);

/**
 * The declarations `x-mcp-header` of a tool's input schema (2026-07-28, Streamable HTTP, Schema Extension). A text says
 * why the tool may not be used: it stands where no single argument is meant, is no name of a header, or is there twice.
 */
export function paramHeaders(inputSchema: unknown): ParamHeader[] | string {
  const found: ParamHeader[] = [];
  const taken = new Set<string>();

  const visit = (schema: unknown, path: string[] | null): string | undefined => {
    if (Array.isArray(schema)) return first(schema, (one) => visit(one, null));
    if (!isObject(schema)) return undefined;
    if (KEY in schema) {
      const name = schema[KEY];
      if (!path?.length) return `${KEY} stands where no single argument is meant`;
      if (typeof name !== "string" || !TOKEN.test(name)) return `${KEY} of ${path.join(".")} is no name of a header`;
      if (!TYPES.has(String(schema["type"]))) return `${KEY} of ${path.join(".")} is on no string, integer or boolean`;
      if (taken.has(name.toLowerCase())) return `${KEY} ${name} is there twice`;
      taken.add(name.toLowerCase());
      found.push({ path, name });
    }
    return first(Object.entries(schema), ([keyword, value]) => {
      if (keyword === "properties" && isObject(value))
        return first(Object.entries(value), ([name, property]) => visit(property, path && [...path, name]));
      // a schema, a list of them, or schemas by name: whatever is below it, no single argument is meant
      if (SCHEMAS.has(keyword)) return visit(value, null);
      return MAPS.has(keyword) && isObject(value) ? first(Object.values(value), (one) => visit(one, null)) : undefined;
    });
  };
  return visit(inputSchema, []) ?? found;
}

const SCHEMAS = new Set(
  "items prefixItems contains additionalProperties unevaluatedProperties unevaluatedItems propertyNames oneOf anyOf allOf not if then else".split(
    " ",
  ),
);
const MAPS = new Set(["patternProperties", "dependentSchemas", "$defs", "definitions"]);

function first<T>(all: readonly T[], look: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const fault = look(one);
    if (fault) return fault;
  }
  return undefined;
}

/** Headers for the arguments of one call; what is absent, null or no plain value has none. */
export function paramHeaderValues(declared: readonly ParamHeader[], args: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { path, name } of declared) {
    let value = args;
    for (const step of path) value = isObject(value) && Object.hasOwn(value, step) ? (value as Json)[step] : undefined;
    const plain =
      typeof value === "string" ||
      typeof value === "boolean" ||
      (typeof value === "number" && Number.isSafeInteger(value));
    if (plain) headers[`mcp-param-${name.toLowerCase()}`] = encodeHeaderValue(String(value));
  }
  return headers;
}
