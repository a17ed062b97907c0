import { guardedAgent } from "./dial.ts";
import type { HttpPeerOptions } from "./http-peer.ts";
import { httpWire, type HttpWire } from "./http-wire.ts";
import { legacyPeer, type OpenSession } from "./legacy-peer.ts";
import { legacySession, type LegacyChannel } from "./legacy-session.ts";
import type { Peer, PeerChange } from "./peer.ts";
import { CutOff, HttpRefusal, NotMcp, SessionLost, TooLate } from "./wire-errors.ts";

/**
 * HTTP+SSE of revision 2024-11-05: one stream for all that the server says, whose first event names where to post. That
 * place must be of the same origin. Throws what the wire said.
 */
export async function openSsePeer({
  url,
  dial,
  clientInfo,
  headers,
  connectMs,
  signal,
}: HttpPeerOptions): Promise<Peer> {
  const agent = guardedAgent({ ...dial, connectMs: Math.min(connectMs, 3_000) });
  const wire = httpWire(url, agent);
  try {
    return await legacyPeer(
      {
        clientInfo,
        headers,
        connectMs,
        open: (changed) => openStream(wire, { url, headers, connectMs, postTo: (at) => httpWire(at, agent) }, changed),
        close: () => wire.close(),
      },
      signal,
    );
  } catch (error) {
    await wire.close();
    throw error;
  }
}

async function openStream(
  wire: HttpWire,
  options: Pick<HttpPeerOptions, "url" | "headers" | "connectMs"> & { postTo(at: URL): HttpWire },
  changed: (change: PeerChange) => void,
): Promise<OpenSession> {
  const { url, headers, connectMs, postTo } = options;
  const ending = new AbortController();
  const place = Promise.withResolvers<HttpWire>();
  let lost: (() => void) | undefined;
  let over: Error | undefined;

  const channel: LegacyChannel = {
    async request(message, { headers, signal }) {
      if (over) throw new SessionLost();
      await post(message, { headers, ...(signal && { signal }) });
    },
    notify: (message, options) => post(message, options),
    async close() {
      ending.abort();
    },
  };
  const post: LegacyChannel["notify"] = async (message, { headers, signal }) => {
    const to = await place.promise;
    try {
      // The answer comes on the stream; that of the POST says only that it was taken.
      await to.post({ ...message }, { headers, signal, heard: () => undefined, era: "legacy", taken: true });
    } catch (error) {
      throw error instanceof HttpRefusal && error.status === 404 ? new SessionLost() : error;
    }
  };
  const session = legacySession(channel, changed);
  const late = setTimeout(() => place.reject(new TooLate(connectMs)), connectMs);
  const endpoint = (data: string) => {
    const at = URL.parse(data, url.href);
    if (at?.origin === url.origin) place.resolve(postTo(at));
    else place.reject(new NotMcp("it wants messages sent to another origin"));
  };
  wire
    .follow({ headers: await headers(), signal: ending.signal, heard: session.hear, event: endpoint })
    .then(() => new CutOff())
    .catch((error: unknown) => (error instanceof Error ? error : new NotMcp()))
    .then((why) => {
      over = why;
      place.reject(why);
      lost?.();
      return session.end(why);
    })
    .catch(() => undefined); // its channel cannot fail to close
  try {
    await place.promise;
  } catch (error) {
    ending.abort();
    throw error;
  } finally {
    clearTimeout(late);
  }
  return { session, agreed: (_, hear) => void (over ? hear.lost() : (lost = hear.lost)) };
}
