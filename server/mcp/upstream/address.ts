/** Null where the text is not an http:// or https:// address. */
export function upstreamUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url && (url.protocol === "http:" || url.protocol === "https:") ? url : null;
}

/** What people may see of where an upstream is. Of a process the command alone: its arguments may say more. */
export const shownAddress = (kind: string, text: string): string =>
  kind === "stdio" ? (text.split(" ", 1)[0] ?? "") : shownUrl(text);

/** The address as people may see it: without credentials and query, which may hold secrets. */
export function shownUrl(text: string): string {
  const url = upstreamUrl(text);
  return url ? `${url.origin}${url.pathname}` : "(no http address)";
}
