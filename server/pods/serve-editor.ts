import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { EDITOR_PATH, type EditorContent } from "./editor-content.ts";
import { listEditorFiles } from "./editor-files.ts";

const brotli = promisify(brotliCompress);
/** A tenth of the time of the best quality, for a few percent more bytes. */
const QUALITY = 6;
const LEAST_BYTES = 1_024;
const COMPRESSIBLE = /^(text|application\/(javascript|json)|image\/svg)/;

interface Ready {
  plain: Buffer;
  /** Undefined where it is not smaller. */
  compressed: Buffer | undefined;
  etag: string;
}

/** Answers requests for what is the same for everybody: files at once, pages after the person was recognised. */
export function createEditorServer(content: EditorContent) {
  const files = listEditorFiles();
  const ready = new Map<string, Promise<Ready>>();

  const prepare = (key: string, type: string, read: () => Promise<Buffer>): Promise<Ready> => {
    let known = ready.get(key);
    if (!known) {
      known = read().then((plain) => makeReady(plain, type));
      known.catch(() => ready.delete(key));
      ready.set(key, known);
    }
    return known;
  };

  return {
    /** A file of the editor; null: there is none at this path. Public: they are Node-RED's own, as published. */
    file(pathname: string): ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null {
      const file = pathname.startsWith(`${EDITOR_PATH}/`) ? files.get(pathname.slice(EDITOR_PATH.length)) : undefined;
      if (!file) return null;
      return async (request, response) => {
        // `?v=` changes with Node-RED's version and the pod's sources; what is asked for without it is asked again each day
        const versioned = /[?&]v=/.test(request.url ?? "");
        send(
          request,
          response,
          await prepare(file.key, file.type, file.read),
          file.type,
          versioned ? IMMUTABLE : "public, max-age=86400",
        );
      };
    },
    /** A page or a text; false: it is the pod's to answer. */
    async page(request: IncomingMessage, response: ServerResponse, userName: string): Promise<boolean> {
      if (request.method !== "GET" && request.method !== "HEAD") return false;
      const url = new URL(request.url ?? "/", "http://localhost");
      const pathname = url.pathname.slice(EDITOR_PATH.length);
      const lang = url.searchParams.get("lng") ?? request.headers["accept-language"] ?? null;
      const page = await content.find(pathname, lang, request.headers.accept === "application/json");
      if (!page) return false;
      if (page.key === "/settings") {
        const settings = JSON.parse(page.body.toString()) as Record<string, unknown>; // Node-RED wrote an object
        const body = Buffer.from(JSON.stringify({ ...settings, user: { username: userName, permissions: "*" } }));
        send(request, response, { plain: body, compressed: undefined, etag: etagOf(body) }, page.type, NO_CACHE);
        return true;
      }
      const body = await prepare(page.key, page.type, () => Promise.resolve(page.body));
      send(request, response, body, page.type, NO_CACHE);
      return true;
    },
  };
}
export type EditorServer = ReturnType<typeof createEditorServer>;

const IMMUTABLE = "public, max-age=31536000, immutable";
/** Kept by the browser, asked about each time: answered with 304. */
const NO_CACHE = "private, no-cache";

async function makeReady(plain: Buffer, type: string): Promise<Ready> {
  const compressed =
    COMPRESSIBLE.test(type) && plain.length >= LEAST_BYTES
      ? await brotli(plain, {
          params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
        })
      : undefined;
  return {
    plain,
    compressed: compressed && compressed.length < plain.length ? compressed : undefined,
    etag: etagOf(plain),
  };
}

const etagOf = (body: Buffer) => `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { plain, compressed, etag }: Ready,
  type: string,
  cache: string,
): void {
  const headers: Record<string, string | number> = {
    "Content-Type": type,
    "Cache-Control": cache,
    ETag: etag,
    Vary: "Accept-Encoding, Accept, Accept-Language",
    "X-Content-Type-Options": "nosniff",
    ...(type.startsWith("text/html")
      ? { "Content-Security-Policy": "frame-ancestors 'self'; object-src 'none'; base-uri 'self'" }
      : {}),
  };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const coded = compressed && /(^|[\s,])br\s*(,|;|$)/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = coded ? compressed : plain;
  response.writeHead(200, {
    ...headers,
    "Content-Length": body.length,
    ...(coded ? { "Content-Encoding": "br" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
