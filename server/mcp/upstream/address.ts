/** Null where the text is not an http:// or https:// address. */
export function upstreamUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url && (url.protocol === "http:" || url.protocol === "https:") ? url : null;
}

/** The address as people may see it: without credentials and query, which may hold secrets. */
export function shownUrl(text: string): string {
  const url = upstreamUrl(text);
  return url ? `${url.origin}${url.pathname}` : "(no http address)";
}
