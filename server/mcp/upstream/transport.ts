import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  StreamableHTTPClientTransport,
  type FetchLike,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { Agent, fetch as undiciFetch } from "undici";

/** JSON-RPC error code of an answer that ended before it was complete; from the range left to implementations. */
export const CUT_OFF = -32_097;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const NOTIFICATION_MS = 5_000;
/** How long a cancelled request's own connection stays open, so that the cancellation overtakes its end. */
const CANCEL_GRACE_MS = 1_000;
const SESSION_END_MS = 500;

/**
 * Streamable HTTP to one upstream. Over the client package's transport it adds: an answer whose stream ends early fails
 * its request at once instead of at its timeout; a request that was cancelled or timed out gives its connection back
 * (the 2025 revisions only send a notification, which a hanging server never heeds); redirects are not followed;
 * connections are the upstream's own, so that a slow one cannot use up another's.
 */
export function upstreamTransport(url: URL, { connectMs }: { connectMs: number }): Transport {
  const agent = new Agent({
    connect: { timeout: connectMs },
    // Silence is bounded by the caller's timeout; a change stream may be silent for hours.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: MAX_ANSWER_BYTES,
    connections: 64,
  });
  // undici's own types of Request and Response are those of the web standard in all that is used here.
  const send = undiciFetch as unknown as (url: string | URL, init: object) => ReturnType<FetchLike>;
  const fetch: FetchLike = (url, init) => send(url, { ...init, redirect: "manual", dispatcher: agent });
  const inner = new StreamableHTTPClientTransport(url, {
    fetch,
    requestInit: { redirect: "manual" },
    reconnectionOptions: {
      initialReconnectionDelay: 500,
      maxReconnectionDelay: 5_000,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 3,
    },
  });
  // Its declaration misses the `| undefined` that the interface it implements has.
  const post = inner.send.bind(inner) as Transport["send"];
  const pending = new Map<string | number, AbortController>();
  const abort = (id: string | number) => {
    pending.get(id)?.abort();
    pending.delete(id);
  };

  const outer: Transport = {
    hasPerRequestStream: true,
    async start() {
      // oxlint-disable unicorn/prefer-add-event-listener -- a transport is no EventTarget
      inner.onmessage = (message: JSONRPCMessage) => {
        if (isJSONRPCResponse(message) && message.id !== undefined) pending.delete(message.id);
        outer.onmessage?.(message);
      };
      inner.onerror = (error) => outer.onerror?.(error);
      inner.onclose = () => outer.onclose?.();
      // oxlint-enable unicorn/prefer-add-event-listener
      await inner.start();
    },
    async send(message, options) {
      if (isJSONRPCNotification(message)) {
        const sent = post(message, { ...options, requestSignal: AbortSignal.timeout(NOTIFICATION_MS) });
        const id = message.method === "notifications/cancelled" ? message.params?.["requestId"] : undefined;
        if (typeof id === "number" || typeof id === "string") {
          setTimeout(abort, CANCEL_GRACE_MS, id).unref();
          void sent.then(
            () => abort(id),
            () => abort(id),
          );
        }
        return sent;
      }
      if (!isJSONRPCRequest(message)) return post(message, options);

      const { id } = message;
      const own = new AbortController();
      pending.set(id, own);
      const signals = options?.requestSignal ? [own.signal, options.requestSignal] : [own.signal];
      options?.requestSignal?.addEventListener("abort", () => pending.delete(id), { once: true });
      try {
        await post(message, {
          ...options,
          requestSignal: AbortSignal.any(signals),
          onRequestStreamEnd() {
            options?.onRequestStreamEnd?.();
            if (!pending.delete(id) || options?.onRequestStreamEnd) return;
            outer.onmessage?.({
              jsonrpc: "2.0",
              id,
              error: { code: CUT_OFF, message: "the connection was closed in the middle of the answer" },
            });
          },
        });
      } catch (error) {
        pending.delete(id);
        throw error;
      }
    },
    async close() {
      for (const id of pending.keys()) abort(id);
      await endSession(inner);
      await inner.close();
      await agent.destroy();
    },
    setProtocolVersion: (version) => inner.setProtocolVersion(version),
    get sessionId() {
      return inner.sessionId;
    },
  };
  return outer;
}

/** Lets a server of the 2025 revisions forget the session now; best effort, since it may be gone. */
async function endSession(transport: StreamableHTTPClientTransport): Promise<void> {
  if (!transport.sessionId) return;
  const given = new Promise<void>((done) => setTimeout(done, SESSION_END_MS).unref());
  await Promise.race([transport.terminateSession().catch(() => undefined), given]);
}
