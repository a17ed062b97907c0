import { decode } from "next-auth/jwt";
import type { Deps } from "../features/deps.ts";
import { deriveKey } from "../kernel/crypto.ts";
import { AppError } from "../kernel/errors.ts";

type CookieSettings = Pick<Deps["settings"], "port" | "publicUrl" | "jwtSecret">;

/** What the browser's cookie carries, encrypted: the account and its session's row. */
export interface SessionClaims {
  userId: string;
  sessionId: string;
}

export const isSecure = ({ publicUrl }: Pick<CookieSettings, "publicUrl">) => publicUrl.startsWith("https:");

/** Browsers share cookies between the ports of a host, so the port is part of the names. */
export const cookieName = (settings: CookieSettings, what: "session" | "csrf" | "callback"): string => {
  const prefix = isSecure(settings) ? (what === "csrf" ? "__Host-" : "__Secure-") : "";
  return `${prefix}osf-${settings.port}.${what}`;
};

/** Key of the cookie's encryption; not the secret itself, which signs the programs' tokens. */
export const cookieSecret = ({ jwtSecret }: Pick<CookieSettings, "jwtSecret">) =>
  deriveKey(jwtSecret, "browser-session").toString("hex");

/** The cookie's value, put together where it was cut into chunks (`name.0`, `name.1` …). */
function sessionCookie(settings: CookieSettings, headers: Headers): string | null {
  const name = cookieName(settings, "session");
  const chunks: string[] = [];
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    const given = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    if (given === name) return value;
    const index = given.startsWith(`${name}.`) ? given.slice(name.length + 1) : "";
    if (/^\d$/.test(index)) chunks[Number(index)] = value;
  }
  return chunks.length > 0 ? chunks.join("") : null;
}

/** Null: there is no cookie. Throws `auth.expired` or `auth.invalid` (401). */
export async function readSessionCookie(settings: CookieSettings, headers: Headers): Promise<SessionClaims | null> {
  const token = sessionCookie(settings, headers);
  if (!token) return null;
  let expired = false;
  try {
    const claims = await decode({ token, secret: cookieSecret(settings) });
    const sid = claims?.["sid"];
    if (claims?.sub && typeof sid === "string") return { userId: claims.sub, sessionId: sid };
  } catch (error) {
    // next-auth brings a jose of its own, so its error classes are known by their code only.
    expired = (error as { code?: unknown }).code === "ERR_JWT_EXPIRED";
  }
  throw expired
    ? new AppError("unauthenticated", "auth.expired", "The sign-in has expired; sign in again")
    : new AppError("unauthenticated", "auth.invalid", "The session cookie is not one of this gateway; sign in again");
}

const CHANGES_NOTHING = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a page of ours sent the request. Browsers set both headers by themselves; pages cannot.
 * An `Origin` is ours when it is the public address, or names the very host that was asked.
 */
export function isSameOrigin(settings: Pick<CookieSettings, "publicUrl">, headers: Headers): boolean {
  if (headers.get("sec-fetch-site") === "same-origin") return true;
  const origin = headers.get("origin");
  if (!origin || !URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  if (new URL(settings.publicUrl).origin === new URL(origin).origin) return true;
  return host === headers.get("host") && (protocol === "https:" || !isSecure(settings));
}

/** Throws `auth.origin` (403) where a request that changes something comes from another site's page. */
export function refuseForeignOrigin(
  settings: Pick<CookieSettings, "publicUrl">,
  { method, headers }: { method: string; headers: Headers },
): void {
  if (CHANGES_NOTHING.has(method.toUpperCase()) || isSameOrigin(settings, headers)) return;
  throw new AppError(
    "forbidden",
    "auth.origin",
    "A request with the session cookie that changes something must come from the gateway's own pages (Origin). Programs use an API key or an access token",
  );
}
