import { fetch as undiciFetch, Response as UndiciResponse } from "undici";
import { guardedAgent, type DialOptions } from "./dial.ts";

export interface GuardedFetch {
  /**
   * `fetch` to addresses that may be reached. Redirects of GET and HEAD are followed, three at most, each hop judged
   * anew; what may hold credentials is not sent to another origin, and https does not become http. Everything else is
   * answered as it came, redirects too. Aborts after `timeoutMs`, in the middle of the body as well. A body of more than
   * `maxResponseBytes` breaks off, counted as sent and as unpacked.
   */
  (url: string | URL, init?: RequestInit): Promise<Response>;
  /** Ends its connections. */
  close(): Promise<void>;
}

const MAX_REDIRECTS = 3;
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** All that a request to another origin may keep. */
const HARMLESS = new Set(["accept", "accept-language", "user-agent", "mcp-protocol-version"]);

/**
 * Milliseconds in `timeoutMs`: for one request with its redirects and its whole answer. Null: whoever asks sets one, and
 * clears it; a timer of ours would stay in memory until its time.
 */
export function guardedFetch({
  timeoutMs = 10_000,
  ...dial
}: DialOptions & { timeoutMs?: number | null }): GuardedFetch {
  const { maxResponseBytes = MAX_RESPONSE_BYTES } = dial;
  const agent = guardedAgent({ connections: 16, ...dial, maxResponseBytes });
  // undici's own types of Request and Response are those of the web standard in all that is used here.
  const send = undiciFetch as unknown as (url: URL, init: object) => Promise<Response>;

  const ask = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const late = timeoutMs === null ? [] : [AbortSignal.timeout(timeoutMs)];
    const signals = [...(init.signal ? [init.signal] : []), ...late];
    const signal = signals.length > 1 ? AbortSignal.any(signals) : (signals[0] ?? null);
    const method = (init.method ?? "GET").toUpperCase();
    let url = new URL(input);
    const headers = new Headers(init.headers);
    for (let hops = 0; ; hops++) {
      const response = await send(url, { ...init, method, headers, signal, redirect: "manual", dispatcher: agent });
      const location = response.headers.get("location");
      if (!FOLLOWED.has(response.status) || !location || hops === MAX_REDIRECTS)
        return bounded(response, maxResponseBytes);
      if (method !== "GET" && method !== "HEAD") return bounded(response, maxResponseBytes);
      const next = URL.parse(location, url.href);
      if (!next || !/^https?:$/.test(next.protocol) || (url.protocol === "https:" && next.protocol === "http:"))
        return bounded(response, maxResponseBytes);
      await response.body?.cancel();
      if (next.origin !== url.origin)
        for (const name of Array.from(headers.keys())) if (!HARMLESS.has(name)) headers.delete(name);
      url = next;
    }
  };
  return Object.assign(ask, { close: () => agent.destroy() });
}

/** The agent counts what comes over the wire; of a packed body `fetch` makes a thousand times as much. */
function bounded(response: Response, most: number): Response {
  if (!response.body || !response.headers.has("content-encoding")) return response;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= most) return controller.enqueue(chunk);
      controller.error(Object.assign(new Error("the answer is too large"), { code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" }));
    },
  });
  const { status, statusText, headers } = response;
  // The package's own types are those of the web standard in all that is used here.
  const body = response.body.pipeThrough(counted) as unknown as ConstructorParameters<typeof UndiciResponse>[0];
  const more = { status, statusText, headers: Array.from(headers) };
  return new UndiciResponse(body, more) as unknown as Response;
}
