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

/**
 * A stream of events as text/event-stream (WHATWG HTML, section 9.2). Whatever can fail must have been checked before:
 * an error of `events` here can only break the connection off, upon which the client comes back with `Last-Event-ID`.
 * `signal` is the request's: it ends `events`.
 */
export function sseResponse(
  events: AsyncIterable<SseEvent>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Response {
  const source = events[Symbol.asyncIterator]();
  let beat: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(beat);
    void source.return?.().catch(() => undefined);
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(ENCODER.encode("retry: 1000\n\n"));
        beat = setInterval(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ENCODER.encode(": beat\n\n"));
        }, HEARTBEAT_MS);
        signal.addEventListener("abort", stop, { once: true });
      },
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          if (!done) return controller.enqueue(ENCODER.encode(sseText(value)));
          clearInterval(beat);
          controller.close();
        } catch (error) {
          clearInterval(beat);
          onError(error);
          controller.error(error);
        }
      },
      cancel: stop,
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
