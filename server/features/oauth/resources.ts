import type { Settings } from "../../kernel/settings.ts";
import { SERVER_NAME } from "../../mcp/names.ts";
import { OAUTH_SCOPES } from "./schema.ts";

type Place = Pick<Settings, "publicUrl">;

/**
 * A protected resource, as its path below the public address: `/mcp`, or `/mcp/servers/{name}`.
 * RFC 8707 names them by address: `{publicUrl}/mcp`.
 */
export type ResourcePath = "/mcp" | `/mcp/servers/${string}`;

const ONE_SERVER = "/mcp/servers/" as const;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The resource that a request path belongs to; null: none that OAuth protects. */
export function resourceOfPath(pathname: string): ResourcePath | null {
  const path = pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
  if (path === "/mcp") return path;
  const name = path.startsWith(ONE_SERVER) ? path.slice(ONE_SERVER.length) : "";
  return SERVER_NAME.test(name) ? `${ONE_SERVER}${name}` : null;
}

/**
 * The resource that a client names by address; null: not one of ours. The public address counts, and where that is a
 * loopback one, so do the other names of the loopback: a client takes the address that the person typed.
 */
export function resourceOfUrl({ publicUrl }: Place, text: string): ResourcePath | null {
  const url = URL.parse(text);
  if (!url || url.search || url.hash || url.username || url.password) return null;
  return isOurs(publicUrl, url) ? resourceOfPath(url.pathname) : null;
}

function isOurs(publicUrl: string, url: URL): boolean {
  const ours = new URL(publicUrl);
  if (url.origin === ours.origin) return true;
  return (
    LOOPBACK.has(ours.hostname) &&
    LOOPBACK.has(url.hostname) &&
    ours.port === url.port &&
    ours.protocol === url.protocol
  );
}

export const resourceUrl = ({ publicUrl }: Place, path: ResourcePath): string => publicUrl + path;

/**
 * Whether a token for `granted` is good at `asked`: for the very resource, and one for `/mcp`, where all servers are
 * offered anyway, also for each of them alone. One for a server is good there only.
 */
export const covers = (granted: string, asked: ResourcePath): boolean =>
  granted === asked || (granted === "/mcp" && asked.startsWith("/mcp/"));

const METADATA = "/.well-known/oauth-protected-resource";

/**
 * The resource whose metadata are asked for at this path: RFC 9728 puts the resource's path behind the well-known one;
 * without a path it is `/mcp`. Null: nothing is there.
 */
export function describedResource(pathname: string): ResourcePath | null {
  if (pathname === METADATA) return "/mcp";
  return pathname.startsWith(`${METADATA}/`) ? resourceOfPath(pathname.slice(METADATA.length)) : null;
}

/**
 * The address by which a client reaches us. `host`: that of the request, which counts where both it and the public
 * address are loopback ones, for clients refuse a resource that is not the address they were given.
 */
function originFor({ publicUrl }: Place, host: string | undefined): string {
  const ours = new URL(publicUrl);
  const asked = host ? URL.parse(`${ours.protocol}//${host}`) : null;
  return asked && isOurs(publicUrl, asked) ? asked.origin : ours.origin;
}

/** RFC 9728. `host`: see `originFor`. */
export function describeResource(place: Place, path: ResourcePath, host: string | undefined) {
  return {
    resource: originFor(place, host) + path,
    authorization_servers: [place.publicUrl],
    scopes_supported: [...OAUTH_SCOPES],
    bearer_methods_supported: ["header"],
    resource_name: path === "/mcp" ? "OSF Gateway" : `OSF Gateway: ${path.slice("/mcp/servers/".length)}`,
  };
}

/**
 * The `WWW-Authenticate` header with which a resource refuses: 401 without `error` where no credential came, with
 * `invalid_token` where it is no good; 403 with `insufficient_scope` and the scopes that would do (RFC 6750, 9728).
 * `host`: see `originFor`; the metadata that it leads to name the same address.
 */
export function challenge(
  place: Place,
  path: ResourcePath,
  host: string | undefined,
  refusal: { error?: "invalid_token" | "insufficient_scope"; description?: string; scopes?: readonly string[] } = {},
): string {
  const { error, description, scopes } = refusal;
  const said = {
    ...(error ? { error } : {}),
    ...(description ? { error_description: description } : {}),
    ...(scopes?.length ? { scope: scopes.join(" ") } : {}),
    resource_metadata: `${originFor(place, host)}${METADATA}${path}`,
  };
  return `Bearer ${Object.entries(said)
    .map(([name, value]) => `${name}="${value.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, " ")}"`)
    .join(", ")}`;
}
