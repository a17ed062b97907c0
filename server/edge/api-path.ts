/** Below these everything is for programs. */
const ONLY_API = /^\/(health|auth|v1|internal)(\/|$)|^\/(metrics|openapi\.json)$/;
/** Paths that a page and a program share: a page for navigations, the API for everything else. */
const SHARED = /^\/(chat|agents|code-agents|chains|marketplace|news|challenges|admin|mcp)(\/|$)/;

interface Asked {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
}

/**
 * Whether a request is for the HTTP API although its path does not begin with `/api`. Pages ask in two ways: a
 * navigation wants text/html, and Next's own client sends the header `RSC` or `Next-Action`. Decided here and not in a
 * `proxy.ts`, where Next hides those headers and would copy every body.
 */
export function isApiRequest({ method, path, headers }: Asked): boolean {
  if (ONLY_API.test(path)) return true;
  if (!SHARED.test(path)) return false;
  if (headers["rsc"] !== undefined || headers["next-action"] !== undefined) return false;
  if (method !== "GET" && method !== "HEAD") return true;
  if (headers["authorization"] !== undefined || headers["x-api-key"] !== undefined) return true;
  return !String(headers["accept"] ?? "").includes("text/html");
}

/** Where Next's one route handler of the API finds such a request. */
export const API_MOUNT = "/api/rest";

/** The canonical path of a request that reached the route handler. */
export const canonicalPath = (pathname: string): string =>
  pathname.startsWith(`${API_MOUNT}/`) ? pathname.slice(API_MOUNT.length) : pathname;
