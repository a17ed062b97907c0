import { FormData } from "undici";
import type { Json } from "../../exchange.ts";
import { isObject } from "./document.ts";
import type { Body, Operation, Parameter } from "./operations.ts";

/** An argument that cannot be sent; `message` says which and why. */
export class BadArgument extends Error {
  override readonly name = "BadArgument";
}

export interface HttpRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: BodyInit;
}

/** The HTTP request of a call (OpenAPI 3.1, Parameter Object, Style Values). Throws BadArgument. */
export function requestOf(base: string, operation: Operation, args: Json): HttpRequest {
  const { parameters } = operation;
  const headers: Record<string, string> = {};
  const query: string[] = [];
  let path = operation.path;
  for (const parameter of parameters) {
    const value = args[parameter.argument];
    if (value === undefined || value === null) {
      if (parameter.in === "path") throw new BadArgument(`${parameter.argument} is required`);
      continue;
    }
    if (parameter.in === "path") path = path.replaceAll(`{${parameter.name}}`, () => pathPart(parameter, value));
    else if (parameter.in === "query") query.push(...queryParts(parameter, value));
    else headers[parameter.name] = headerValue(parameter, value);
  }
  if (/[{}]/.test(path)) throw new BadArgument(`The path ${operation.path} has a part that no parameter fills`);
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  const own = query.join("&");
  url.search = [url.search.slice(1), own].filter(Boolean).join("&");
  const body = operation.body && bodyOf(operation.body, operation, args);
  return {
    url: url.href,
    method: operation.method,
    headers: { ...headers, ...(body?.contentType && { "content-type": body.contentType }) },
    ...(body && { body: body.content }),
  };
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
const encode = (value: unknown): string => encodeURIComponent(text(value));
const pairs = (value: Json): [string, unknown][] =>
  Object.entries(value).filter(([, one]) => one !== undefined && one !== null);

/** One part of the path. What a server or a proxy would take for another path is refused. */
function pathPart({ argument, name, style, explode, json }: Parameter, value: unknown): string {
  const simple = (separator: string): string => {
    if (json) return encode(JSON.stringify(value));
    if (Array.isArray(value)) return value.map(encode).join(separator);
    if (isObject(value)) {
      const joined = pairs(value).map(([key, one]) => `${encode(key)}${explode ? "=" : separator}${encode(one)}`);
      return joined.join(separator);
    }
    return encode(value);
  };
  const part =
    style === "label"
      ? `.${simple(explode ? "." : ",")}`
      : style === "matrix"
        ? `;${encode(name)}=${simple(",")}`
        : simple(",");
  if (part === "" || /^\.{1,2}$/.test(part))
    throw new BadArgument(`${argument} cannot be part of an address like this`);
  return part;
}

function queryParts({ name, style, explode, json }: Parameter, value: unknown): string[] {
  const key = encode(name);
  if (json) return [`${key}=${encode(JSON.stringify(value))}`];
  if (style === "deepObject" && isObject(value))
    return pairs(value).map(([one, of]) => `${key}${encode(`[${one}]`)}=${encode(of)}`);
  const separator = style === "spaceDelimited" ? "%20" : style === "pipeDelimited" ? "%7C" : ",";
  if (Array.isArray(value)) {
    if (explode) return value.map((one) => `${key}=${encode(one)}`);
    return [`${key}=${value.map(encode).join(separator)}`];
  }
  if (isObject(value)) {
    if (explode) return pairs(value).map(([one, of]) => `${encode(one)}=${encode(of)}`);
    const flat = pairs(value).flatMap(([one, of]) => [encode(one), encode(of)]);
    return [`${key}=${flat.join(separator)}`];
  }
  return [`${key}=${encode(value)}`];
}

function headerValue({ argument, explode, json }: Parameter, value: unknown): string {
  const whole = json
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? value.map(text).join(",")
      : isObject(value)
        ? pairs(value)
            .map(([key, one]) => `${key}${explode ? "=" : ","}${text(one)}`)
            .join(",")
        : text(value);
  if (/[^\t\x20-\x7e\x80-\xff]/.test(whole))
    throw new BadArgument(`${argument} holds characters that no header may hold`);
  return whole;
}

/** `contentType` undefined: it is set with the boundary by whoever sends the form. */
function bodyOf(
  { contentType, argument, binary }: Body,
  { parameters }: Operation,
  args: Json,
): { contentType: string | undefined; content: BodyInit } | null {
  const used = new Set(parameters.map((parameter) => parameter.argument));
  const fields = Object.fromEntries(Object.entries(args).filter(([name]) => !used.has(name)));
  const value = argument === null ? fields : args[argument];
  if (value === undefined || (argument === null && Object.keys(fields).length === 0)) return null;
  if (/multipart/i.test(contentType)) {
    // The form of the package that sends it, which is the standard's in all but its type.
    const content = formOf(value, binary) as unknown as BodyInit;
    return { contentType: undefined, content };
  }
  if (/x-www-form-urlencoded/i.test(contentType)) {
    const form = new URLSearchParams();
    for (const [name, one] of isObject(value) ? pairs(value) : [])
      for (const each of Array.isArray(one) ? one : [one]) form.append(name, text(each));
    return { contentType, content: form.toString() };
  }
  if (/json/i.test(contentType)) return { contentType, content: JSON.stringify(value) };
  return { contentType, content: text(value) };
}

function formOf(value: unknown, binary: string[]): FormData {
  const form = new FormData();
  for (const [name, one] of isObject(value) ? pairs(value) : []) {
    const file = binary.includes(name) && typeof one === "string";
    if (file) form.append(name, new Blob([Buffer.from(one, "base64")]), name);
    else for (const each of Array.isArray(one) ? one : [one]) form.append(name, text(each));
  }
  return form;
}
