/** Null where the text is not an http:// or https:// address. */
export function upstreamUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url && (url.protocol === "http:" || url.protocol === "https:") ? url : null;
}

/**
 * Where it is as people may see it: without credentials and query, which may hold secrets; of a process the command
 * alone, since its arguments may hold some too.
 */
export function shownUrl(text: string): string {
  const url = upstreamUrl(text);
  if (url) return `${url.origin}${url.pathname}`;
  const [command = ""] = text.trim().split(/\s/, 1);
  return command === "" || /[:@]/.test(command) ? "(no http address)" : command;
}
