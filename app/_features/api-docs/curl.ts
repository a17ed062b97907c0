import type { Operation, Schema, Schemas } from "./openapi.ts";
import { resolve } from "./schema-rows.ts";

const DEEPEST = 4;

/** A value of the right shape: what is fixed or preset as it is, what is free as `<name>`. Required fields only. */
export function sampleOf(given: Schema, schemas: Schemas, name = "value", depth = 0): unknown {
  const schema = resolve(given, schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const alternative = (schema.anyOf ?? schema.oneOf)?.find(({ type }) => type !== "null");
  if (alternative) return sampleOf(alternative, schemas, name, depth);
  const type = [schema.type].flat().find((one) => one !== "null");
  if (schema.properties && depth < DEEPEST)
    return Object.fromEntries(
      Object.entries(schema.properties)
        .filter(([key]) => schema.required?.includes(key))
        .map(([key, property]) => [key, sampleOf(property, schemas, key, depth + 1)]),
    );
  if (type === "array")
    return schema.items && depth < DEEPEST ? [sampleOf(schema.items, schemas, name, depth + 1)] : [];
  if (type === "integer" || type === "number") return Math.max(schema.minimum ?? 0, 1);
  if (type === "boolean") return true;
  if (type === "object") return {};
  return `<${name}>`;
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A command that calls the operation; `<…>` is to be filled in, `$OSF_KEY` is an API key. */
export function curlOf(operation: Operation, schemas: Schemas, origin: string): string {
  const { method, path, parameters, body, signedIn, answers } = operation;
  const query = parameters
    .filter((one) => one.in === "query" && one.required)
    .map((one) => `${one.name}=${String(sampleOf(one.schema, schemas, one.name))}`);
  const address = `${origin}${path.replaceAll(/\{(\w+)\}/g, "<$1>")}${query.length > 0 ? `?${query.join("&")}` : ""}`;
  const streams = answers[0]?.type === "text/event-stream";
  const lines = [`curl ${streams ? "-N " : ""}${method === "GET" ? "" : `-X ${method} `}"${address}"`];
  if (signedIn) lines.push('-H "Authorization: Bearer $OSF_KEY"');
  if (body) {
    lines.push('-H "Content-Type: application/json"');
    lines.push(`-d ${quoted(JSON.stringify(sampleOf(body, schemas)))}`);
  }
  return lines.join(" \\\n  ");
}
