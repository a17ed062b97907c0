import type { ServiceOperation } from "../../definition.ts";
import type { Json } from "../../exchange.ts";

/** What a service says of itself at `GET {endpoint}/api/definition`. */
export interface ServiceDefinition {
  name?: string;
  version?: string;
  description?: string;
  operations: ServiceOperation[];
}

const MAX_OPERATIONS = 500;
const NAME = /^[A-Za-z0-9_.\-/]{1,128}$/;
const TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);

/**
 * Reads a definition in any of the forms in use: `operations` (or `tools`, `methods`) as a list or by name; the
 * parameters of each as a JSON Schema (`inputSchema`, `parameters`, `schema`), as a list of `{name, type, required,
 * description}`, or by name. What has no usable name is left out. Null: it is no definition.
 */
export function readDefinition(value: unknown): ServiceDefinition | null {
  if (!isObject(value)) return null;
  const about = isObject(value["service"]) ? value["service"] : value;
  const given = value["operations"] ?? value["tools"] ?? value["methods"];
  const list: unknown[] = Array.isArray(given)
    ? given
    : isObject(given)
      ? Object.entries(given).map(([name, operation]) => (isObject(operation) ? { name, ...operation } : { name }))
      : [];
  if (given === undefined) return null;
  const operations = list.slice(0, MAX_OPERATIONS).flatMap((one) => {
    const operation = operationOf(typeof one === "string" ? { name: one } : one);
    return operation ? [operation] : [];
  });
  const { name, version, description } = about;
  return {
    ...(typeof name === "string" && { name }),
    ...(typeof version === "string" && { version }),
    ...(typeof description === "string" && { description }),
    operations,
  };
}

function operationOf(value: unknown): ServiceOperation | null {
  if (!isObject(value)) return null;
  const name = value["name"] ?? value["operation"] ?? value["id"];
  if (typeof name !== "string" || !NAME.test(name) || name.split("/").includes("..")) return null;
  const { title, description, outputSchema, annotations } = value;
  return {
    name,
    ...(typeof title === "string" && { title: title.slice(0, 200) }),
    ...(typeof description === "string" && { description: description.slice(0, 10_000) }),
    inputSchema: schemaOf(value["inputSchema"] ?? value["parameters"] ?? value["schema"]),
    ...(isObject(outputSchema) && { outputSchema }),
    ...(isObject(annotations) && { annotations: hintsOf(annotations) }),
  };
}

function hintsOf(annotations: Json): NonNullable<ServiceOperation["annotations"]> {
  const names = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;
  return Object.fromEntries(
    names.flatMap((name) => (typeof annotations[name] === "boolean" ? [[name, annotations[name]]] : [])),
  );
}

function schemaOf(given: unknown): Json {
  if (Array.isArray(given)) return fromParameters(given.filter(isObject));
  if (!isObject(given)) return { type: "object" };
  if (given["type"] === "object" || isObject(given["properties"])) return { ...given, type: "object" };
  return fromParameters(
    Object.entries(given).map(([name, about]) =>
      isObject(about) ? { name, ...about } : { name, ...(typeof about === "string" && { type: about }) },
    ),
  );
}

function fromParameters(parameters: Json[]): Json {
  const named = parameters.filter(({ name }) => typeof name === "string" && name !== "");
  const properties = named.map(({ name, required: _required, schema, ...about }) => {
    const { type, ...rest } = about;
    const known = typeof type === "string" && TYPES.has(type) ? { type } : {};
    return [String(name), isObject(schema) ? schema : { ...known, ...rest }];
  });
  const required = named.filter((one) => one["required"] === true).map(({ name }) => String(name));
  return { type: "object", properties: Object.fromEntries(properties), ...(required.length && { required }) };
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
