import { parse as parseYaml } from "yaml";
import type { Json } from "../../exchange.ts";

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Why a text is no document that can be used; `message` is the end of a sentence for people. */
export class NoDocument extends Error {
  override readonly name = "NoDocument";
}

/** An OpenAPI 3.0 or 3.1 document of JSON or YAML. Throws NoDocument. */
export function parseDocument(text: string): Json {
  let value: unknown;
  try {
    value = /^\s*[{[]/.test(text) ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new NoDocument("its document is neither JSON nor YAML", { cause: error });
  }
  return checked(value);
}

export function checked(value: unknown): Json {
  if (!isObject(value)) throw new NoDocument("its document is no OpenAPI document");
  const version = String(value["openapi"] ?? value["swagger"] ?? "");
  if (!/^3\.[01](\.|$)/.test(version))
    throw new NoDocument(
      version
        ? `its document is of OpenAPI ${version.slice(0, 10)}; 3.0 and 3.1 are known`
        : "its document is no OpenAPI document",
    );
  return value;
}

const MAX_HOPS = 20;

/**
 * What a value stands for: itself, or what its `$ref` points to within the document. Addresses of elsewhere are never
 * fetched: such a reference stands for nothing (undefined).
 */
export function resolve(document: Json, value: unknown): Json | undefined {
  let at: unknown = value;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    if (!isObject(at)) return undefined;
    const ref = at["$ref"];
    if (typeof ref !== "string") return at;
    at = pointed(document, ref);
  }
  return undefined;
}

/** The value at a local reference such as `#/components/schemas/Order`; undefined where there is none. */
export function pointed(document: Json, ref: string): unknown {
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = document;
  for (const step of ref.slice(2).split("/")) {
    const name = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isObject(at) && !Array.isArray(at)) return undefined;
    if (!Object.hasOwn(at, name)) return undefined;
    at = (at as Json)[name]; // a list has numbers for names
  }
  return at;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
