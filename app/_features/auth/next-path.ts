export const SIGN_IN_PATH = "/sign-in";

// any origin does: it only lets the browser's own parser decide what is a path and what leads elsewhere
const HERE = "http://here.invalid";

/** Where to go after signing in: a path of this site, with its query and fragment; "/" for anything else. */
export function safeNext(wanted: string | null | undefined): string {
  if (!wanted?.startsWith("/")) return "/";
  if (!URL.canParse(wanted, HERE)) return "/";
  const url = new URL(wanted, HERE);
  if (url.origin !== HERE || url.pathname.startsWith("//") || url.pathname.startsWith("/api/")) return "/";
  const path = url.pathname + url.search + url.hash;
  return path.startsWith(SIGN_IN_PATH) || path.startsWith("/register") ? "/" : path;
}

/** The sign-in page that leads back to `path` afterwards. */
export function signInPath(path: string): string {
  const next = safeNext(path);
  return next === "/" ? SIGN_IN_PATH : `${SIGN_IN_PATH}?next=${encodeURIComponent(next)}`;
}
