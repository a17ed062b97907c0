import type { Log } from "../kernel/log.ts";

/** One event of a stream. `id` is what `Last-Event-ID` returns. */
export interface SseEvent {
  id?: string | number;
  event?: string;
  /** Sent as JSON unless it is text. */
  data: unknown;
}

const HEARTBEAT_MS = 15_000;
const ENCODER = new TextEncoder();

export const sseText = ({ id, event, data }: SseEvent): string => {
  const body = typeof data === "string" ? data : JSON.stringify(data);
  const lines = body.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${id === undefined ? "" : `id: ${id}\n`}${event ? `event: ${event}\n` : ""}${lines.join("")}\n`;
};

/** What a stream needs of its request. */
export interface StreamCall {
  /** Aborts when the caller is gone or the server stops. */
  signal: AbortSignal;
  /** Whether the credential that the stream was opened with still allows it. */
  stillAllowed(): Promise<boolean>;
  requestId: string;
  deps: { log: Log };
}

/**
 * A stream of events as text/event-stream (WHATWG HTML, section 9.2). Whatever can fail must have been checked before:
 * an error of the events here can only break the connection off, upon which the client comes back with `Last-Event-ID`.
 * The events end with their signal: when the caller is gone, may no longer watch, or the server stops.
 */
export function sseResponse(
  { signal, stillAllowed, requestId, deps }: StreamCall,
  events: (signal: AbortSignal) => AsyncIterable<SseEvent>,
): Response {
  const over = new AbortController();
  const source = events(AbortSignal.any([signal, over.signal]))[Symbol.asyncIterator]();
  let beat: NodeJS.Timeout | undefined;
  let left = false;
  const leave = () => {
    clearInterval(beat);
    signal.removeEventListener("abort", leave); // the signal may outlive the stream, as that of the server's end does
    over.abort();
    // Also a reader that was never asked for more has subscriptions to give back.
    void source.return?.().catch(() => undefined);
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(ENCODER.encode("retry: 1000\n\n"));
        beat = setInterval(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ENCODER.encode(": beat\n\n"));
          void stillAllowed().then((allowed) => !allowed && leave());
        }, HEARTBEAT_MS);
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
      },
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          if (left) return; // there is nobody to tell, nor a stream to close
          if (!done) return controller.enqueue(ENCODER.encode(sseText(value)));
          leave();
          controller.close();
        } catch (error) {
          leave();
          if (left) return;
          deps.log.error({ err: error, requestId }, "stream broke off");
          controller.error(error);
        }
      },
      cancel() {
        left = true;
        leave();
      },
    },
    { highWaterMark: 16 },
  );
  return new Response(stream, {
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    },
  });
}
