import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";

const MOUNT = "/_next/static/";
const COMPRESSED = ".br";
const TYPES: Record<string, string> = {
  ".js": "application/javascript; charset=UTF-8",
  ".css": "text/css; charset=UTF-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=UTF-8",
};

/** Answers a request for a file that stands here compressed, and says so; false: the request is untouched. */
export type StaticAssets = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The build's scripts and styles as they were compressed with it (start/compress.ts), for browsers that take brotli.
 * `folder` is the build's `static`. It is read once: a path is looked up, never opened, so none leads out of the folder,
 * and a build that follows does not mix with the one that is served. Everything else is Next's, which has gzip.
 */
export async function loadStaticAssets(folder: string): Promise<StaticAssets> {
  const assets = await readAssets(folder);
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const [pathname = ""] = (request.url ?? "").split("?", 1);
    const asset = assets.get(pathname);
    if (!asset || !acceptsBrotli(request.headers["accept-encoding"])) return false;
    response.writeHead(200, {
      "Content-Type": asset.type,
      "Content-Encoding": "br",
      "Content-Length": asset.body.length,
      // the name changes with the content
      "Cache-Control": "public, max-age=31536000, immutable",
      Vary: "Accept-Encoding",
    });
    response.end(request.method === "HEAD" ? undefined : asset.body);
    return true;
  };
}

async function readAssets(folder: string): Promise<Map<string, { type: string; body: Buffer }>> {
  // without a build, as in development, there is nothing to serve
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = names.map((name) => ({ name, type: typeOf(name) }));
  const assets = await Promise.all(
    found.map(async ({ name, type }) => {
      if (!type) return [];
      const url = MOUNT + name.slice(0, -COMPRESSED.length).split(path.sep).map(encodeURIComponent).join("/");
      return [[url, { type, body: await readFile(path.join(folder, name)) }] as const];
    }),
  );
  return new Map(assets.flat());
}

function typeOf(name: string): string | undefined {
  return name.endsWith(COMPRESSED) ? TYPES[path.extname(name.slice(0, -COMPRESSED.length))] : undefined;
}

/** Whether `Accept-Encoding` names brotli and does not refuse it with a weight of zero (RFC 9110, 12.5.3). */
function acceptsBrotli(header: string | string[] | undefined): boolean {
  return String(header ?? "")
    .split(",")
    .map((one) =>
      one
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .some(([coding, weight = "q=1"]) => coding === "br" && Number(weight.replace(/^q=/, "")) > 0);
}
