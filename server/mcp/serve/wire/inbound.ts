import type { IncomingHttpHeaders } from "node:http";
import { type Json } from "../../exchange.ts";
import { memberOfName } from "../../name-header.ts";
import {
  CAPABILITIES_KEY,
  CLIENT_KEY,
  CODE,
  isObject,
  MODERN,
  VERSION_KEY,
  WireError,
  type RpcId,
  type RpcRequest,
} from "./rpc.ts";

/** A POSTed message, sorted by what it is and by the era it claims. */
export type Inbound =
  | { kind: "modern"; request: RpcRequest; meta: Json }
  /** A notification of revision 2026-07-28; there is none that a server must act on. */
  | { kind: "modern-notification" }
  | { kind: "initialize"; request: RpcRequest }
  | { kind: "legacy"; request: RpcRequest }
  | { kind: "legacy-notification"; method: string; params: Json }
  | { kind: "response"; id: RpcId; result?: Json; error?: { code: number; message: string; data?: unknown } };

/** The id to answer with where the message is refused. */
export const idOf = (body: unknown): RpcId | null => {
  if (!isObject(body) || typeof body["method"] !== "string") return null;
  return isId(body["id"]) ? body["id"] : null;
};
const isId = (id: unknown): id is RpcId => typeof id === "string" || typeof id === "number";

/**
 * Decides by the body: who names a revision in `_meta` speaks 2026-07-28, everybody else the revisions with sessions;
 * the headers must agree (basic/transports of 2026-07-28, "Standard request headers"). Throws `WireError`.
 */
export function classify(body: unknown, headers: IncomingHttpHeaders): Inbound {
  if (Array.isArray(body)) throw new WireError(400, CODE.request, "Send one JSON-RPC message, not a batch");
  if (!isObject(body) || body["jsonrpc"] !== "2.0") throw notRpc();
  const { id, method, params } = body;
  if (typeof method !== "string") return responseOf(body);
  if (params !== undefined && !isObject(params)) throw notRpc();
  const version = header(headers, "mcp-protocol-version");
  const claimed = params && isObject(params["_meta"]) ? params["_meta"][VERSION_KEY] : undefined;
  if (id === undefined) {
    if (claimed === undefined && version !== MODERN)
      return { kind: "legacy-notification", method, params: params ?? {} };
    if (typeof claimed === "string" && version !== undefined && version !== claimed)
      throw versionsDiffer(claimed, version);
    agreeOnMethod(headers, method, false);
    return { kind: "modern-notification" };
  }
  if (!isId(id)) throw notRpc();
  const request = { id, method, params: params ?? {} };
  if (claimed === undefined && version !== MODERN)
    return { kind: method === "initialize" ? "initialize" : "legacy", request };
  return { kind: "modern", request, meta: checkEnvelope(request, headers, version) };
}

const notRpc = () => new WireError(400, CODE.request, "The body is not a JSON-RPC message");

function responseOf(body: Json): Inbound {
  const { id, result, error } = body;
  if (!isId(id)) throw notRpc();
  if (isObject(result)) return { kind: "response", id, result };
  if (!isObject(error) || typeof error["code"] !== "number") throw notRpc();
  return {
    kind: "response",
    id,
    error: { code: error["code"], message: String(error["message"]), data: error["data"] },
  };
}

function checkEnvelope(
  { method, params }: RpcRequest,
  headers: IncomingHttpHeaders,
  version: string | undefined,
): Json {
  const meta = params["_meta"];
  if (!isObject(meta)) throw missingMeta("_meta");
  const claimed = meta[VERSION_KEY];
  if (claimed === undefined) throw missingMeta(VERSION_KEY);
  if (typeof claimed !== "string") throw badMeta(VERSION_KEY, "a string");
  if (meta[CAPABILITIES_KEY] === undefined) throw missingMeta(CAPABILITIES_KEY);
  if (!isObject(meta[CAPABILITIES_KEY])) throw badMeta(CAPABILITIES_KEY, "an object");
  if (meta[CLIENT_KEY] !== undefined && !isObject(meta[CLIENT_KEY])) throw badMeta(CLIENT_KEY, "an object");
  if (version === undefined)
    throw headersDiffer(`the header MCP-Protocol-Version is missing, the body names ${claimed}`);
  if (version !== claimed) throw versionsDiffer(claimed, version);
  agreeOnMethod(headers, method, true);
  if (claimed !== MODERN)
    throw new WireError(400, CODE.version, `Unsupported protocol version: ${claimed}`, {
      supported: [MODERN],
      requested: claimed,
    });
  agreeOnName(headers, method, params);
  return meta;
}

const missingMeta = (key: string) => new WireError(400, CODE.params, `Invalid params: ${key} is missing`);
const badMeta = (key: string, what: string) => new WireError(400, CODE.params, `Invalid params: ${key} is not ${what}`);
const headersDiffer = (how: string) => new WireError(400, CODE.headers, `The headers and the body disagree: ${how}`);
const versionsDiffer = (body: string, head: string) =>
  headersDiffer(`the body names the revision ${body}, the header MCP-Protocol-Version ${head}`);

/** A header without the white space around it; the first where it was sent twice. */
export const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim();
};

function agreeOnMethod(headers: IncomingHttpHeaders, method: string, required: boolean): void {
  const named = header(headers, "mcp-method");
  if (named === undefined && !required) return;
  if (named !== method)
    throw headersDiffer(`the body names the method ${method}, the header Mcp-Method ${named ?? "is missing"}`);
}

function agreeOnName(headers: IncomingHttpHeaders, method: string, params: Json): void {
  const member = memberOfName(method);
  if (!member) return;
  const name = params[member];
  const sent = header(headers, "mcp-name");
  if (sent === undefined) {
    if (typeof name !== "string") return; // what is missing in the body is told by whoever reads it
    throw headersDiffer(`the header Mcp-Name is missing, the body names ${name}`);
  }
  const decoded = decodeHeader(sent);
  if (decoded === undefined) throw headersDiffer("the header Mcp-Name is not well-formed Base64");
  if (typeof name === "string" && decoded !== name)
    throw headersDiffer(`the body names ${name}, the header Mcp-Name ${decoded}`);
}

const SENTINEL = /^=\?base64\?((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\?=$/;

/** Values that are not plain ASCII come as `=?base64?…?=`; undefined for one that begins so and is not. */
function decodeHeader(value: string): string | undefined {
  if (!(value.startsWith("=?base64?") && value.endsWith("?="))) return value;
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
}

/**
 * `Mcp-Param-*` of a tool's call against its arguments, where the schema of the tool marks members with `x-mcp-header`.
 * Throws `WireError` −32020 where a marked argument is given and its header is missing or differs.
 */
export function agreeOnParams(schema: Json, args: Json, headers: IncomingHttpHeaders): void {
  for (const { path, name, type } of markedMembers(schema)) {
    const given = path.reduce<unknown>((holder, key) => (isObject(holder) ? holder[key] : undefined), args);
    if (!["string", "number", "boolean"].includes(typeof given)) continue;
    const sent = header(headers, `mcp-param-${name.toLowerCase()}`);
    if (sent === undefined) throw headersDiffer(`the header Mcp-Param-${name} is missing`);
    const decoded = decodeHeader(sent);
    const same =
      decoded === String(given) ||
      (type === "integer" && typeof given === "number" && decoded !== "" && Number(decoded) === given);
    if (!same)
      throw headersDiffer(`the header Mcp-Param-${name} does not say what the argument ${path.join(".")} says`);
  }
}

interface Marked {
  path: string[];
  name: string;
  type: unknown;
}
const marks = new WeakMap<Json, Marked[]>();

/** Of the schema's own properties, nested ones included; schemas are shared and never change, so each is looked at once. */
function markedMembers(schema: Json): Marked[] {
  let found = marks.get(schema);
  if (found) return found;
  found = [];
  const visit = (node: unknown, path: string[]) => {
    if (!isObject(node)) return;
    const name = node["x-mcp-header"];
    if (typeof name === "string" && path.length > 0) found!.push({ path, name, type: node["type"] });
    if (isObject(node["properties"]))
      for (const [key, child] of Object.entries(node["properties"])) visit(child, [...path, key]);
  };
  visit(schema, []);
  marks.set(schema, found);
  return found;
}
