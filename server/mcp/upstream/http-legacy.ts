import type { HttpWire } from "./http-wire.ts";
import { pause } from "./http-wire.ts";
import type { OpenSession } from "./legacy-peer.ts";
import { legacySession, type LegacyChannel } from "./legacy-session.ts";
import type { PeerChange } from "./peer.ts";
import { HttpRefusal, SessionLost } from "./wire-errors.ts";

const SESSION_END_MS = 500;
const FOLLOW_AGAIN_MS = [1_000, 30_000] as const;

/** A session over Streamable HTTP: each request has its own stream, and GET one for what belongs to none. */
export function openHttpSession(
  wire: HttpWire,
  headers: () => Promise<Record<string, string>>,
  changed: (change: PeerChange) => void,
): OpenSession {
  let id: string | undefined;
  let revision: string | undefined;
  let used: Record<string, string> = {};
  const ending = new AbortController();
  const initialized = Promise.withResolvers<void>();
  const withSession = (own: Record<string, string>) => ({
    ...own,
    ...(id && { "mcp-session-id": id }),
    ...(revision && { "mcp-protocol-version": revision }),
  });
  // MCP 2025-11-25, Session Management: 404 to a request with a session id means that the session is over.
  const isLost = (error: unknown) =>
    error instanceof HttpRefusal &&
    id !== undefined &&
    (error.status === 404 || (error.status === 400 && /session/i.test(error.text)));

  const channel: LegacyChannel = {
    async request(message, options) {
      try {
        await wire.post(message, {
          headers: withSession((used = options.headers)),
          signal: options.signal,
          heard: options.heard,
          era: "legacy",
          ...(message.method === "initialize" && { opened: ({ sessionId }) => void (id = sessionId) }),
        });
      } catch (error) {
        throw isLost(error) ? new SessionLost() : error;
      }
    },
    async notify(message, { headers, signal }) {
      await wire.post(message, { headers: withSession(headers), signal, heard: () => undefined, era: "legacy" });
      if (message.method === "notifications/initialized") initialized.resolve();
    },
    async close() {
      ending.abort();
      if (!id) return;
      // Lets the server forget the session now; best effort, since it may be gone.
      await wire.delete(withSession(used), AbortSignal.timeout(SESSION_END_MS)).catch(() => undefined);
    },
  };
  const session = legacySession(channel, changed);

  /** Not every server has this stream; one that ends is followed again, from where it was. */
  const follow = async (lost: () => void, ready: () => void) => {
    let lastEventId: string | undefined;
    let wait: number = FOLLOW_AGAIN_MS[0];
    while (!ending.signal.aborted) {
      try {
        await wire.follow({
          headers: { ...withSession(await headers()), ...(lastEventId && { "last-event-id": lastEventId }) },
          signal: ending.signal,
          heard: session.hear,
          opened() {
            wait = FOLLOW_AGAIN_MS[0];
            ready();
          },
          mark: (position) => ({ lastEventId = lastEventId, retryMs: wait = wait } = position),
        });
      } catch (error) {
        if (isLost(error)) return lost();
        if (error instanceof HttpRefusal && error.status < 500) return;
      }
      await pause(Math.min(wait, FOLLOW_AGAIN_MS[1]), ending.signal).catch(() => undefined);
      wait = Math.min(wait * 2, FOLLOW_AGAIN_MS[1]);
    }
  };
  return {
    session,
    agreed(agreedOn, { lost }) {
      revision = agreedOn;
      const opened = Promise.withResolvers<void>();
      void initialized.promise.then(() => follow(lost, opened.resolve)).finally(opened.resolve);
      return opened.promise;
    },
  };
}
