import { isOwnCookie } from "./request-view.ts";

/**
 * What an `http response` node answers: arguments of the call `http.reply` (see engine/own-nodes.ts), data of the event
 * `http_reply`.
 */
export interface HttpReply {
  statusCode: number;
  headers?: Record<string, string>;
  cookies?: { name: string; value: string | null; options?: Record<string, unknown> }[];
  body?: string;
  /** `body` is the base 64 of a buffer. */
  base64?: boolean;
}

/** Between two hops only, or the gateway's own. */
const REFUSED = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "content-length",
  "set-cookie",
  "content-security-policy",
  "content-security-policy-report-only",
  "clear-site-data",
  "service-worker-allowed",
  "strict-transport-security",
  "x-request-id",
  "x-run-id",
]);
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * A flow's page is shown on the gateway's own address, and whoever looks at it is signed in there: as a document of
 * nobody's origin its scripts run, and reach nothing in the reader's name.
 */
const SANDBOX = "sandbox allow-forms allow-modals allow-popups allow-scripts allow-downloads";

const text = (value: unknown): string | null =>
  typeof value === "string" || typeof value === "number" ? String(value) : null;

function* options(given: Record<string, unknown>): Generator<string> {
  const path = text(given.path) ?? "/";
  yield `Path=${path}`;
  const domain = text(given.domain);
  if (domain) yield `Domain=${domain}`;
  if (typeof given.maxAge === "number" && Number.isFinite(given.maxAge))
    yield `Max-Age=${Math.floor(given.maxAge / 1_000)}`;
  const expires = text(given.expires);
  if (expires && !Number.isNaN(new Date(expires).getTime())) yield `Expires=${new Date(expires).toUTCString()}`;
  if (given.httpOnly === true) yield "HttpOnly";
  if (given.secure === true) yield "Secure";
  if (given.sameSite === true || given.sameSite === "strict") yield "SameSite=Strict";
  else if (given.sameSite === "none") yield "SameSite=None";
  else yield "SameSite=Lax";
}

function cookieLine({ name, value, options: given = {} }: NonNullable<HttpReply["cookies"]>[number]): string | null {
  // A flow must not sign its callers in as somebody else.
  if (!TOKEN.test(name) || isOwnCookie(name)) return null;
  const asked = value === null ? { ...given, expires: new Date(1).toUTCString(), maxAge: undefined } : given;
  const parts = [...options(asked)];
  if (parts.some((part) => /[;\r\n\0]/.test(part))) return null;
  return [`${name}=${encodeURIComponent(value ?? "")}`, ...parts].join("; ");
}

/** The answer to the caller. What a flow must not set is left out. */
export function replyResponse(reply: HttpReply, runId: string): Response {
  const asked = Math.trunc(Number(reply.statusCode));
  const status = asked >= 200 && asked <= 599 ? asked : 200;
  const headers = new Headers();
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (!TOKEN.test(name) || REFUSED.has(name.toLowerCase())) continue;
    if (/^[\x20-\x7e\x80-\xff\t]*$/.test(value)) headers.set(name, value);
  }
  for (const cookie of reply.cookies ?? []) {
    const line = cookieLine(cookie);
    if (line !== null) headers.append("Set-Cookie", line);
  }
  const body = Buffer.from(reply.body ?? "", reply.base64 ? "base64" : "utf8");
  headers.set("Content-Security-Policy", SANDBOX);
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("X-Run-Id", runId);
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers });
}
