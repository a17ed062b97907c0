type Schema = Record<string, unknown>;

/** What code may call, as its declarations need it. */
export interface DeclaredTool {
  /** `<server>.<tool>`; without a dot: a flow. */
  name: string;
  description: string;
  inputSchema: Schema;
  outputSchema?: Schema | undefined;
}

const MAX_DEPTH = 5;
const MAX_MEMBERS = 40;
const MAX_ALTERNATIVES = 20;
const MAX_ABOUT = 80;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isName = (text: string) => /^[A-Za-z_$][\w$]*$/.test(text);
const member = (name: string) => (isName(name) ? `.${name}` : `[${JSON.stringify(name)}]`);

/** A comment may not end where a description says so, and stays on its line. */
const about = (text: unknown): string => {
  if (typeof text !== "string" || !text.trim()) return "";
  const line = text.trim().replaceAll(/\s+/g, " ").replaceAll("*/", "* /");
  return ` /* ${line.length <= MAX_ABOUT ? line : `${line.slice(0, MAX_ABOUT - 1)}…`} */`;
};

/** The schema of a reference within the same document; undefined: elsewhere, or in a circle. */
function resolve(root: Schema, ref: unknown): unknown {
  if (typeof ref !== "string" || !ref.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const step of ref.slice(2).split("/"))
    at = isSchema(at) ? at[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  return at;
}

/** A JSON Schema as a TypeScript type. What cannot be said, or is nested too deeply, is `unknown`. */
export function typeOf(schema: unknown, root: Schema = isSchema(schema) ? schema : {}, depth = 0): string {
  if (!isSchema(schema) || depth > MAX_DEPTH) return "unknown";
  const inner = (value: unknown) => typeOf(value, root, depth + 1);
  if (schema["$ref"] !== undefined) return inner(resolve(root, schema["$ref"]));
  if ("const" in schema) return JSON.stringify(schema["const"]) ?? "unknown";
  const { enum: values, type } = schema;
  if (Array.isArray(values))
    return values.length > MAX_ALTERNATIVES ? "string" : values.map((value) => JSON.stringify(value)).join(" | ");
  for (const key of ["anyOf", "oneOf"]) {
    const branches = schema[key];
    if (Array.isArray(branches)) return [...new Set(branches.slice(0, MAX_ALTERNATIVES).map(inner))].join(" | ");
  }
  if (Array.isArray(type))
    return [...new Set(type.map((one: unknown) => typeOf({ ...schema, type: one }, root, depth)))].join(" | ");
  if (type === "integer" || type === "number") return "number";
  if (type === "string" || type === "boolean" || type === "null") return type;
  if (type === "array") {
    const item = inner(schema["items"]);
    return /[ |]/.test(item) && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
  }
  if (isSchema(schema["properties"])) return membersOf(schema, root, depth);
  if (type === "object") return "Record<string, unknown>";
  return "unknown";
}

function membersOf(schema: Schema, root: Schema, depth: number): string {
  const properties = Object.entries(schema["properties"] as Schema); // looked at by typeOf
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const lines = properties.slice(0, MAX_MEMBERS).map(([name, value]) => {
    const optional = !required.has(name) || (isSchema(value) && value["default"] !== undefined);
    const key = isName(name) ? name : JSON.stringify(name);
    const text = isSchema(value) && depth === 0 ? about(value["description"]) : "";
    return `${key}${optional ? "?" : ""}: ${typeOf(value, root, depth + 1)}${text}`;
  });
  if (properties.length > MAX_MEMBERS) lines.push("[more: string]: unknown");
  return lines.length === 0 ? "{}" : `{ ${lines.join("; ")} }`;
}

/** How code calls a tool: `tools.erp.list_orders(args: { late?: boolean }): Promise<{ orders: … }>`. */
export function declareTool({ name, inputSchema, outputSchema }: DeclaredTool): string {
  const dot = name.indexOf(".");
  const path = dot < 0 ? `flows${member(name)}` : `tools${member(name.slice(0, dot))}${member(name.slice(dot + 1))}`;
  const args = typeOf(inputSchema);
  const optional = isSchema(inputSchema) && !neededOf(inputSchema) ? "?" : "";
  return `${path}(args${optional}: ${args}): Promise<${outputSchema ? typeOf(outputSchema) : "unknown"}>`;
}

/** Whether anything has to be given. */
const neededOf = ({ required, properties }: Schema): boolean =>
  Array.isArray(required) &&
  required.some((name) => {
    const property = isSchema(properties) ? properties[String(name)] : undefined;
    return !isSchema(property) || property["default"] === undefined;
  });
