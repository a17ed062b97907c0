import type { Json } from "../../exchange.ts";
import type { ListedTool } from "../../review.ts";
import { isObject, resolve } from "./document.ts";
import { schemaReader } from "./schema.ts";

export type Place = "path" | "query" | "header" | "cookie";

export interface Parameter {
  /** Of the tool's argument. */
  argument: string;
  /** Of the service. */
  name: string;
  in: Place;
  required: boolean;
  style: string;
  explode: boolean;
  /** Its value is sent as JSON (`content` in the place of `schema`). */
  json: boolean;
}

/** How the body is made of the arguments. */
export interface Body {
  contentType: string;
  /** The argument that is the body; null: the body's fields are arguments themselves. */
  argument: string | null;
  /** Fields of a form whose argument is base64. */
  binary: string[];
}

export interface Operation {
  listed: ListedTool;
  method: string;
  /** With `{name}` of path parameters. */
  path: string;
  parameters: Parameter[];
  body: Body | null;
  /** Whether an answer is structured. */
  structured: boolean;
}

const METHODS = ["get", "head", "post", "put", "patch", "delete"] as const;
/** Set by the gateway. */
const OWN_HEADERS = new Set(["accept", "content-type", "authorization", "content-length", "host", "cookie"]);
const MAX_OPERATIONS = 500;

/** The operations of a document, those that cannot be called left out. */
export function operationsOf(document: Json): Operation[] {
  const paths = isObject(document["paths"]) ? document["paths"] : {};
  const names = new Set<string>();
  const found: Operation[] = [];
  for (const [path, given] of Object.entries(paths)) {
    const item = resolve(document, given);
    if (!item || !path.startsWith("/")) continue;
    for (const method of METHODS) {
      const operation = item[method];
      if (!isObject(operation) || found.length >= MAX_OPERATIONS) continue;
      const name = nameOf(operation, method, path, names);
      found.push(operationOf(document, { name, method, path, item, operation }));
    }
  }
  return found;
}

/** At most 64 characters of letters, digits, `_`, `-` and `.`: what models and all clients take. */
function nameOf(operation: Json, method: string, path: string, taken: Set<string>): string {
  const given = typeof operation["operationId"] === "string" ? operation["operationId"] : `${method}${path}`;
  const base =
    given
      .replaceAll(/[^A-Za-z0-9_.-]+/g, "_")
      .replaceAll(/^[_.-]+|[_.-]+$/g, "")
      .slice(0, 60) || method;
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}_${n}`;
  taken.add(name);
  return name;
}

interface Found {
  name: string;
  method: string;
  path: string;
  item: Json;
  operation: Json;
}

function operationOf(document: Json, { name, method, path, item, operation }: Found): Operation {
  const reader = schemaReader(document);
  const given = [...parametersOf(document, item), ...parametersOf(document, operation)];
  // Of one place and name, that of the operation counts.
  const last = [...new Map(given.map((one) => [`${String(one["in"])} ${String(one["name"])}`, one])).values()];
  const parameters = named(last.filter(usable));
  const properties: Json = {};
  const required: string[] = [];
  for (const { argument, required: needed, about } of parameters) {
    properties[argument] = argumentSchema(about, reader.read(schemaOfParameter(document, about)));
    if (needed) required.push(argument);
  }
  const body = bodyOf(document, operation, reader, properties, required);
  const output = outputOf(document, operation);
  const { summary, description, deprecated } = operation;
  const text = [summary, description].filter((one, at, all) => typeof one === "string" && all.indexOf(one) === at);
  const defs = reader.defs();
  const listed: ListedTool = {
    name,
    ...(typeof summary === "string" && summary && { title: summary.slice(0, 200) }),
    description: [
      deprecated === true ? "Deprecated." : "",
      ...text,
      text.length ? "" : `${method.toUpperCase()} ${path}`,
    ]
      .filter(Boolean)
      .join("\n")
      .slice(0, 4_000),
    inputSchema: {
      type: "object",
      properties,
      ...(required.length && { required }),
      additionalProperties: body?.open ?? false,
      ...(Object.keys(defs).length && { $defs: defs }),
    },
    ...(output && { outputSchema: output }),
    annotations: hintsOf(method),
  };
  return {
    listed,
    method: method.toUpperCase(),
    path,
    parameters: parameters.map(({ about: _about, ...parameter }) => parameter),
    body: body && { contentType: body.contentType, argument: body.argument, binary: body.binary },
    structured: output !== null,
  };
}

/** RFC 9110, 9.2: safe and idempotent methods. */
function hintsOf(method: string): Json {
  const readOnlyHint = method === "get" || method === "head";
  return {
    readOnlyHint,
    destructiveHint: method === "delete",
    idempotentHint: readOnlyHint || method === "put" || method === "delete",
    openWorldHint: true,
  };
}

const parametersOf = (document: Json, { parameters }: Json): Json[] =>
  Array.isArray(parameters) ? parameters.map((one) => resolve(document, one)).filter((one) => one !== undefined) : [];

function usable({ in: place, name }: Json): boolean {
  if (typeof name !== "string" || !name) return false;
  if (place === "header") return !OWN_HEADERS.has(name.toLowerCase()) && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name);
  return place === "path" || place === "query";
}

/** Arguments are named as the parameters are; where two places have one name, the later is `name_<place>`. */
function named(parameters: Json[]): (Parameter & { about: Json })[] {
  const taken = new Set<string>();
  return parameters.map((about) => {
    const name = String(about["name"]);
    const place = about["in"] as Place; // as `usable` has seen
    const argument = taken.has(name) ? `${name}_${place}` : name;
    taken.add(argument);
    const style = typeof about["style"] === "string" ? about["style"] : place === "query" ? "form" : "simple";
    return {
      about,
      argument,
      name,
      in: place,
      required: place === "path" || about["required"] === true,
      style,
      explode: typeof about["explode"] === "boolean" ? about["explode"] : style === "form",
      json: about["schema"] === undefined && isObject(about["content"]),
    };
  });
}

function schemaOfParameter(document: Json, about: Json): unknown {
  if (about["schema"] !== undefined) return about["schema"];
  const [media] = isObject(about["content"]) ? Object.values(about["content"]) : [];
  return resolve(document, media)?.["schema"];
}

const argumentSchema = ({ description, deprecated }: Json, schema: Json): Json => {
  const words = [deprecated === true ? "Deprecated." : "", typeof description === "string" ? description : ""];
  const text = words.filter(Boolean).join(" ").slice(0, 2_000);
  return text ? { ...schema, description: text } : schema;
};

const KNOWN_BODIES = [
  /^application\/([\w.+-]*\+)?json\b/i,
  /^application\/x-www-form-urlencoded\b/i,
  /^multipart\/form-data\b/i,
  /^text\//i,
];

function bodyOf(
  document: Json,
  operation: Json,
  reader: ReturnType<typeof schemaReader>,
  properties: Json,
  required: string[],
): (Body & { open: boolean }) | null {
  const body = resolve(document, operation["requestBody"]);
  const content = body && isObject(body["content"]) ? body["content"] : {};
  const types = Object.keys(content);
  const contentType = KNOWN_BODIES.map((shape) => types.find((type) => shape.test(type))).find(Boolean) ?? types[0];
  if (!body || contentType === undefined) return null;
  const given = resolve(document, content[contentType])?.["schema"];
  const schema = resolve(document, given) ?? {};
  const fields = isObject(schema["properties"]) ? schema["properties"] : {};
  const form = /form/i.test(contentType);
  const needed = body["required"] === true;
  const plain = !["allOf", "anyOf", "oneOf", "not"].some((keyword) => keyword in schema);
  const merges =
    (form || /json/i.test(contentType)) &&
    plain &&
    Object.keys(fields).length > 0 &&
    Object.keys(fields).every((field) => !(field in properties));
  if (!merges) {
    const argument = "body" in properties ? "request_body" : "body";
    const whole = /json|form/i.test(contentType) ? reader.read(given) : { type: "string" };
    const words = typeof body["description"] === "string" ? { description: body["description"].slice(0, 2_000) } : {};
    properties[argument] = { ...whole, ...words };
    if (needed) required.push(argument);
    return { contentType, argument, binary: [], open: false };
  }
  for (const [field, one] of Object.entries(fields)) properties[field] = reader.read(one);
  const wanted = Array.isArray(schema["required"]) ? schema["required"].filter((one) => typeof one === "string") : [];
  if (needed) required.push(...wanted);
  const binary = Object.entries(fields).flatMap(([field, one]) =>
    resolve(document, one)?.["format"] === "binary" ? [field] : [],
  );
  const extra = schema["additionalProperties"];
  return { contentType, argument: null, binary, open: extra === true || isObject(extra) };
}

/** The shape of the answer where it is JSON: an object as it is, a list as `{items}`. */
function outputOf(document: Json, { responses }: Json): Json | null {
  if (!isObject(responses)) return null;
  const status = ["200", "201", "202", "203", "2XX", "2xx", "default"].find((one) => one in responses);
  const content = status === undefined ? undefined : resolve(document, responses[status])?.["content"];
  if (!isObject(content)) return null;
  const type = Object.keys(content).find((one) => /^application\/([\w.+-]*\+)?json\b/i.test(one));
  const schema = type === undefined ? undefined : resolve(document, content[type])?.["schema"];
  const target = resolve(document, schema);
  if (!target) return null;
  const reader = schemaReader(document, { loose: true });
  const kind = Array.isArray(target["type"]) ? target["type"][0] : target["type"];
  let output: Json;
  if (kind === "array") output = { type: "object", properties: { items: reader.read(schema) } };
  else if (kind === "object" || isObject(target["properties"])) {
    const { $ref: _ref, ...read } = reader.read(target);
    output = { ...read, type: "object" };
  } else return null;
  const defs = reader.defs();
  return Object.keys(defs).length ? { ...output, $defs: defs } : output;
}
