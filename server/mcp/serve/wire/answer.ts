import type { ServerResponse } from "node:http";
import type { Json } from "../../exchange.ts";

/** The answer to one POST or GET: one JSON document, or an event stream once something is said before the result. */
export interface Answer {
  readonly requestId: string;
  /** Calls back when it is over, however it ended; at once where it is already. */
  onOver(over: () => void): void;
  /** Further headers, whatever becomes of it. */
  also(headers: Record<string, string>): void;
  /** Aborts when the client goes away before the end. */
  readonly signal: AbortSignal;
  /** Whether the client takes event streams: without that only the result can be said. */
  readonly canStream: boolean;
  /** Says something before the result. Dropped where the client takes no stream, or does not read what it gets. */
  send(message: Json): void;
  /** Begins the stream now. */
  open(): void;
  /** The last message; the status counts only where no stream has begun. Without a message: an empty answer. */
  end(message?: Json, status?: number, headers?: Record<string, string>): void;
}

/** Proxies cut what is silent for a minute. */
const KEEP_ALIVE_MS = 15_000;
/** More than this unread, and the client is not reading. */
const UNREAD_BYTES = 8 * 1024 * 1024;

export function answerOn(response: ServerResponse, accept: string | undefined, requestId: string): Answer {
  const gone = new AbortController();
  const canStream = accept === undefined || accept.includes("text/event-stream") || accept.includes("*/*");
  let streaming = false;
  let ended = false;
  let closed = false;
  // An answer that takes long becomes a stream by itself, so that there is something to keep alive.
  const beat = setInterval(() => {
    open();
    if (streaming) response.write(": keep-alive\n\n");
  }, KEEP_ALIVE_MS);
  response.once("close", () => {
    closed = true;
    clearInterval(beat);
    if (!ended) gone.abort();
  });

  const open = () => {
    if (streaming || ended || !canStream || response.destroyed) return;
    streaming = true;
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    });
    response.flushHeaders();
  };
  const write = (message: Json) => response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  response.setHeader("X-Request-Id", requestId);
  response.setHeader("X-Correlation-ID", requestId);
  return {
    requestId,
    onOver: (over) => (closed ? over() : void response.once("close", over)),
    also(headers) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
    signal: gone.signal,
    canStream,
    open,
    send(message) {
      open();
      if (streaming && !ended && response.writableLength < UNREAD_BYTES) write(message);
    },
    end(message, status = 200, headers = {}) {
      if (ended || response.destroyed) return;
      ended = true;
      clearInterval(beat);
      if (streaming) {
        if (message) write(message);
        return void response.end();
      }
      if (!message) return void response.writeHead(status, headers).end();
      const text = JSON.stringify(message);
      response.writeHead(status, {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(text),
        "Cache-Control": "no-store",
        ...headers,
      });
      response.end(text);
    },
  };
}
