import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { Settings } from "../kernel/settings.ts";

type Place = Pick<Settings, "publicUrl" | "host" | "corsOrigins">;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const EXPOSED =
  "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, X-Request-Id, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";
const ALLOWED =
  "Authorization, Content-Type, Accept, X-API-Key, X-Request-Id, Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent";

/**
 * Whether a request comes by a name and from a page that may reach the MCP endpoints; where it may not, and for
 * preflights, it is answered here. Names: a page of another site can make a name of its own resolve to us (DNS
 * rebinding), but neither the public one, nor `localhost`, nor a bare address. Pages: ours, those of `CORS_ORIGINS`, and
 * where we listen on loopback only those of this computer.
 */
export function admitOrigin(place: Place, request: IncomingMessage, response: ServerResponse): boolean {
  const { host, origin } = request.headers;
  if (!isKnownHost(place, host)) return refuse(response, `This gateway is not known by the name ${host ?? "(none)"}`);
  if (origin !== undefined) {
    if (!isKnownOrigin(place, origin)) return refuse(response, `Pages of ${origin} may not use this gateway`);
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Vary", "Origin");
    response.setHeader("Access-Control-Expose-Headers", EXPOSED);
  }
  if (request.method !== "OPTIONS") return true;
  // Parameters of tools come as headers of names that the tools choose.
  const further = String(request.headers["access-control-request-headers"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[\w!#$%&'*+.^`|~-]+$/i.test(name));
  response
    .writeHead(204, {
      "Access-Control-Allow-Methods": "GET, POST, DELETE",
      "Access-Control-Allow-Headers": [ALLOWED, ...further].join(", "),
      "Access-Control-Max-Age": "600",
    })
    .end();
  return false;
}

function refuse(response: ServerResponse, message: string): false {
  const text = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32600, message } });
  response.writeHead(403, { "Content-Type": "application/json" }).end(text);
  return false;
}

const hostnameOf = (url: string): string | undefined => URL.parse(url)?.hostname;

function isKnownHost({ publicUrl, corsOrigins }: Place, host: string | undefined): boolean {
  const name = host === undefined ? undefined : hostnameOf(`http://${host}`);
  if (name === undefined) return false;
  if (LOOPBACK.has(name) || isIP(name.replaceAll(/[[\]]/g, "")) > 0) return true;
  return [publicUrl, ...corsOrigins].some((known) => hostnameOf(known) === name);
}

function isKnownOrigin({ publicUrl, corsOrigins, host }: Place, origin: string): boolean {
  if (corsOrigins.includes(origin) || URL.parse(publicUrl)?.origin === origin) return true;
  const name = hostnameOf(origin);
  return name !== undefined && LOOPBACK.has(name) && LOOPBACK.has(host === "::1" ? "[::1]" : host);
}
