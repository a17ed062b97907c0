export type LinkKind = "inside" | "outside" | "none";

/** Where an address of a text leads: a page of ours, elsewhere (http, https, mail), or nowhere that may be opened. */
export function linkKind(href: string | undefined, origin: string): LinkKind {
  if (!href) return "none";
  if (href.startsWith("#")) return "inside";
  try {
    const url = new URL(href, origin);
    if (url.origin === origin) return "inside";
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? "outside" : "none";
  } catch {
    return "none";
  }
}

/** Only our own images are loaded: a foreign one would tell its host who reads, and when. */
export function isOwnImage(source: string | undefined, origin: string): boolean {
  if (!source) return false;
  try {
    const url = new URL(source, origin);
    return url.origin === origin && (url.protocol === "http:" || url.protocol === "https:");
  } catch {
    return false;
  }
}
