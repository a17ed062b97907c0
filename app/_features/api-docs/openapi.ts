/** The parts of an OpenAPI 3.1 document that the page shows; written by the gateway itself. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
}

interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}
type Content = Record<string, { schema?: Schema }>;
interface OperationObject {
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}
export interface OpenApiDocument {
  info: { title: string; version: string; description?: string };
  servers?: { url: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components?: { schemas?: Record<string, Schema> };
}
export type Schemas = Record<string, Schema>;

export interface Answer {
  status: string;
  description: string;
  type: string | null;
  schema: Schema | null;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string;
  /** Permission and least role that it needs; null: anyone may call it. */
  needs: { permission: string; role: string } | null;
  signedIn: boolean;
  parameters: Parameter[];
  body: Schema | null;
  /** The first is the success. */
  answers: Answer[];
}

// The document says a permission in the prose of the description, which is all that OpenAPI has for it.
const NEEDS = /(?:^|\n\n)Needs `([^`]+)` \(([^)]+)\)\.\s*$/;

/** The operations in the document's own order. */
export function readOperations(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, object]): Operation => {
      const description = object.description ?? "";
      const needs = NEEDS.exec(description);
      return {
        id: object.operationId,
        method: method.toUpperCase(),
        path,
        tag: object.tags?.[0] ?? "",
        summary: object.summary ?? "",
        description: description.replace(NEEDS, "").trim(),
        needs: needs ? { permission: needs[1] ?? "", role: needs[2] ?? "" } : null,
        signedIn: (object.security?.length ?? 0) > 0,
        parameters: object.parameters ?? [],
        body: object.requestBody?.content["application/json"]?.schema ?? null,
        answers: Object.entries(object.responses).map(([status, answer]) => {
          const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
          return { status, description: answer.description, type: type ?? null, schema: content?.schema ?? null };
        }),
      };
    }),
  );
}

/** By tag, in order of first appearance, of those in which every word occurs. */
export function findOperations(operations: Operation[], typed: string): { tag: string; operations: Operation[] }[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const { method, path, summary, tag, needs } = operation;
    const text = `${method} ${path} ${summary} ${tag} ${needs?.permission ?? ""}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const members = groups.get(tag);
    if (members) members.push(operation);
    else groups.set(tag, [operation]);
  }
  return [...groups].map(([tag, members]) => ({ tag, operations: members }));
}
