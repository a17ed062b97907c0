import util from "node:util";
import { codedError } from "#server/engine/isolate/errors.ts";
import { hostCodec } from "#server/engine/isolate/host-codec.ts";
import { moduleText } from "#server/engine/isolate/sources.ts";

/** Operations of an isolate that need nothing of a call. */
export type PureOperation = (...args: never[]) => unknown;

/** Of Node's util, what is safe with values (not functions) and cannot be had inside. */
const UTIL: Record<string, (...args: unknown[]) => unknown> = {
  inspect: (value, ...options) => util.inspect(value, ...(options as [util.InspectOptions])), // whatever inspect takes
  format: (...args) => util.format(...args),
  isDeepStrictEqual: (a, b) => util.isDeepStrictEqual(a, b),
  stripVTControlCharacters: (text) => util.stripVTControlCharacters(String(text)),
};

/** Node's own formatting is not interruptible, so it gets no more than it can do in a moment. */
const FORMATTED_CHARS = 200_000;

export function formatted(args: unknown[]): string {
  return hostCodec.encode(args).length > FORMATTED_CHARS ? "(too large to be shown)" : util.format(...args);
}

const URL_PARTS = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
  "origin",
] as const;

const partsOf = (url: URL) => Object.fromEntries(URL_PARTS.map((part) => [part, url[part]]));

export const PURE_OPERATIONS: Record<string, PureOperation> = {
  module: (name: string) => moduleText(name),
  util: (name: string, ...args: unknown[]) => {
    const fn = Object.hasOwn(UTIL, name) ? UTIL[name] : undefined;
    if (!fn) throw new Error(`util.${name} is not available`);
    if (hostCodec.encode(args).length > FORMATTED_CHARS)
      throw codedError("function.too-large", `util.${name}: the values are too large`);
    return fn(...args);
  },
  url: (address: string, base?: string) => partsOf(new URL(address, base)),
  urlSet: (href: string, part: string, value: string) => {
    const url = new URL(href);
    if (part !== "origin" && (URL_PARTS as readonly string[]).includes(part)) Object.assign(url, { [part]: value });
    return partsOf(url);
  },
  query: (text: string) => new URLSearchParams([["", text]]).toString().slice(1),
  queryParse: (text: string) => [...new URLSearchParams(text)],
};

/** An answer of the door; nothing for undefined, which most operations answer. */
export const answerWith = (value: unknown): string | undefined =>
  value === undefined ? undefined : `v${hostCodec.encode(value)}`;
