import type { Offer } from "../../gateway.ts";
import { isObject } from "../wire/rpc.ts";
import type { Json } from "../../exchange.ts";

/**
 * Resources at `/mcp`. A URI stays what its upstream made it, where no other upstream of the viewer lists the same;
 * where several do, each is listed as `osf:<server>:<uri>`. That form works for every resource of every upstream, listed
 * or not. A plain URI that nobody lists belongs to the first upstream, by name, one of whose templates it fits.
 */
export interface ResourceNames {
  /** As it is listed at `/mcp`. */
  outward(server: string, uri: string): string;
  /** Undefined: it is nobody's. */
  find(uri: string): { server: string; uri: string } | undefined;
}

const PREFIXED = /^osf:([a-z][a-z0-9_-]{0,31}):(.+)$/s;

export function resourceNames(offers: readonly Offer[]): ResourceNames {
  const listed = new Map<string, string[]>();
  const templates: { server: string; parts: string[] }[] = [];
  for (const { definition, resources, templates: ofUpstream } of offers) {
    for (const uri of [...uris(resources, "uri"), ...uris(ofUpstream, "uriTemplate")]) {
      const servers = listed.get(uri) ?? [];
      if (!servers.includes(definition.name)) listed.set(uri, [...servers, definition.name]);
    }
    for (const template of uris(ofUpstream, "uriTemplate"))
      templates.push({ server: definition.name, parts: partsOf(template) });
  }
  const known = new Set(offers.map(({ definition }) => definition.name));
  const find = (uri: string) => {
    const [, server, own] = PREFIXED.exec(uri) ?? [];
    if (server !== undefined && own !== undefined) return known.has(server) ? { server, uri: own } : undefined;
    const [first] = listed.get(uri) ?? [];
    const by = first ?? templates.find(({ parts }) => fits(parts, uri))?.server;
    return by === undefined ? undefined : { server: by, uri };
  };
  return {
    find,
    outward(server, uri) {
      const alone = (listed.get(uri)?.length ?? 0) <= 1;
      return alone && find(uri)?.server === server ? uri : `osf:${server}:${uri}`;
    },
  };
}

const uris = (list: readonly Json[], member: string): string[] =>
  list.flatMap((one) => (typeof one[member] === "string" ? [one[member]] : []));

/**
 * Whether a URI is one that a URI template (RFC 6570) may expand to, roughly: each expression stands for at least one
 * character. No regular expression, which a hostile template could make slow.
 */
function fits(parts: readonly string[], uri: string): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return uri === first;
  const end = uri.length - last.length;
  if (!uri.startsWith(first) || !uri.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = uri.indexOf(part, at + 1);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at < end;
}

const partsOf = (template: string): string[] => template.split(/\{[^{}]*\}/);

/** Links in what a tool or a prompt answered, so that they can be followed at this endpoint. */
export function withOutwardLinks(result: Json, outward: (uri: string) => string): Json {
  const content = result["content"];
  if (!Array.isArray(content) || !content.some(isLink)) return result;
  return {
    ...result,
    content: content.map((part: unknown) => (isLink(part) ? { ...part, uri: outward(part.uri) } : part)),
  };
}

const isLink = (part: unknown): part is Json & { uri: string } =>
  isObject(part) && part["type"] === "resource_link" && typeof part["uri"] === "string";
