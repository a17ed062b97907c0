import { fetch as undiciFetch } from "undici";
import { guardedAgent, type DialOptions } from "../../mcp/upstream/dial.ts";

export type FetchDocument = typeof fetch;

const CONNECT_MS = 2_000;
const MAX_BYTES = 16 * 1024;

/**
 * Fetches what a client published about itself: only from addresses that may be reached, judged when they are dialled.
 * Redirects are answered as they come: whoever can make a site redirect must not be taken for that site.
 */
export function fetchDocument(dial: Pick<DialOptions, "allow" | "lookup">, tls?: { ca: string }): FetchDocument {
  const agent = guardedAgent({ connectMs: CONNECT_MS, maxResponseBytes: MAX_BYTES, connections: 4, ...dial, ...tls });
  // undici's own types of Request and Response are those of the web standard in all that is used here.
  const send = undiciFetch as unknown as (url: string | URL, init: object) => Promise<Response>;
  return (url, init) =>
    send(url instanceof Request ? url.url : url, { ...init, redirect: "manual", dispatcher: agent });
}
