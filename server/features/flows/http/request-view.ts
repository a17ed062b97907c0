import { snapshot } from "#server/engine/snapshot.ts";
import type { NodeDef } from "#server/engine/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { RequestView } from "../flow-input.ts";
import { parseForm } from "./parse-form.ts";

export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** Credentials of the gateway are not the flow's to see: they would stand in its recorded steps. */
const WITHHELD = new Set(["authorization", "x-api-key", "cookie", "x-osf-pod-token", "proxy-authorization"]);
/** Our own cookies, see edge/session-cookie.ts. */
export const isOwnCookie = (name: string) => /^(__Secure-|__Host-)?osf-/.test(name);

function cookiesOf(header: string): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (!name || name === "__proto__" || isOwnCookie(name) || Object.hasOwn(cookies, name)) continue;
    const value = pair.slice(at + 1).trim();
    const plain = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    try {
      cookies[name] = decodeURIComponent(plain);
    } catch {
      cookies[name] = plain;
    }
  }
  return cookies;
}

async function readBody(request: Request): Promise<Buffer> {
  const tooLarge = new AppError("large", "request.large", "The request's body is over the limit of 10 MB");
  if (Number(request.headers.get("content-length") ?? 0) > MAX_REQUEST_BYTES) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_REQUEST_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const badBody = (why: string) => new AppError("invalid", "request.body", `The body cannot be read: ${why}`);

/** Whether a body that no parser takes is text, by Node-RED's rule (`rawBodyParser` of its http in node). */
function asText(type: string, body: Buffer): string | Buffer {
  const [main = "", sub = ""] = type.split("/", 2);
  const utf8 = () => {
    const text = body.toString("utf8");
    return Buffer.from(text, "utf8").equals(body) ? text : body;
  };
  if (type === "" || main === "text" || sub === "xml" || sub.endsWith("+xml")) return body.toString("utf8");
  if (main !== "application") return body;
  return ["octet-stream", "cbor", "x-protobuf"].includes(sub) ? body : utf8();
}

/** The body as Node-RED's http in node would hand it on; `files` of an upload. */
async function parseBody(
  request: Request,
  node: NodeDef | undefined,
): Promise<{ body: unknown; files?: Record<string, unknown>[] }> {
  const body = await readBody(request);
  if (node?.skipBodyParsing === true) return { body };
  const header = request.headers.get("content-type") ?? "";
  const type = (header.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type === "application/json") {
    if (body.length === 0) return { body: {} };
    try {
      return { body: JSON.parse(body.toString("utf8")) as unknown };
    } catch (error) {
      throw badBody((error as Error).message);
    }
  }
  if (type === "application/x-www-form-urlencoded") return { body: parseForm(body.toString("utf8")) };
  if (type === "multipart/form-data" && node?.upload === true) return parseUpload(header, body);
  return { body: asText(type, body) };
}

async function parseUpload(type: string, bytes: Buffer) {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { "Content-Type": type } }).formData();
  } catch (error) {
    throw badBody((error as Error).message);
  }
  const body: Record<string, unknown> = {};
  const files: Record<string, unknown>[] = [];
  for (const [fieldname, value] of form)
    if (typeof value === "string") body[fieldname] = value;
    else
      files.push({
        fieldname,
        originalname: value.name,
        mimetype: value.type,
        size: value.size,
        buffer: Buffer.from(await value.arrayBuffer()),
      });
  return { body, files };
}

/** JSON with the tags of the engine's snapshots, for what is not JSON, such as buffers. */
const tagged = (value: unknown): unknown => JSON.parse(snapshot(value));

/**
 * What the flow gets of a request; `url` is path and query as the flow sees them, without /flows/http. Throws `large`
 * (`request.large`), `invalid` (`request.body`).
 */
export async function requestView(
  request: Request,
  { url, params, node }: { url: string; params: Record<string, string>; node: NodeDef | undefined },
): Promise<RequestView> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  const at = url.indexOf("?");
  const hasBody = method !== "GET";
  const { body, files } = hasBody ? await parseBody(request, node) : { body: undefined, files: undefined };
  return {
    method,
    url,
    path: at < 0 ? url : url.slice(0, at),
    headers: Object.fromEntries([...request.headers].filter(([name]) => !WITHHELD.has(name))),
    params,
    query: at < 0 ? {} : parseForm(url.slice(at + 1)),
    cookies: cookiesOf(request.headers.get("cookie") ?? ""),
    ...(hasBody ? { body: tagged(body) } : {}),
    ...(files ? { files: tagged(files) } : {}),
  };
}
