import { canonicalJson } from "../canonical-json.ts";
import type { Exchange, Json } from "../exchange.ts";
import { orAborted, within } from "../waiting.ts";
import type { LegacySession } from "./legacy-session.ts";
import { isObject } from "./message.ts";
import type { Peer, PeerChange } from "./peer.ts";
import { Closed, NotMcp, SessionLost } from "./wire-errors.ts";

export { SessionLost };

/** Newest first; the server takes one. */
const REVISIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/** Sessions of one set of capabilities, and all but the first. */
const MOST_ALIKE = 4;
const MOST = 16;
const IDLE_MS = 5 * 60_000;
/** How long the first request of a session waits for its stream. */
const STREAM_MS = 1_000;

/** A session that is open but has not yet been introduced. */
export interface OpenSession {
  session: LegacySession;
  /**
   * What was agreed on: from now on all messages carry it, and the session is ready, so that its stream may be followed.
   * Resolves when that is open, or not to be had.
   */
  agreed(revision: string, hear: { lost(): void }): void | Promise<void>;
}

interface Options {
  clientInfo: { name: string; title: string; version: string };
  /** Headers of what nobody asked for: `initialize`, streams of changes, subscriptions. */
  headers(): Promise<Record<string, string>>;
  /** Milliseconds to open a session. */
  connectMs: number;
  /** `changed` hears what belongs to no request. */
  open(changed: (change: PeerChange) => void): Promise<OpenSession>;
  close(): Promise<void>;
}

interface Entry {
  key: string;
  /** Whom it may ask: a late question must not reach somebody else. Empty: nobody. */
  owner: string;
  ready: Promise<LegacySession>;
  session?: LegacySession;
  usedAt: number;
  lost: boolean;
}

/**
 * A server of the 2025 revisions. Capabilities belong to a session there: each set of them that callers declare has
 * sessions of its own, opened on demand. A caller who can be asked back gets one that nobody else uses, as far as the
 * bound allows, so that a question on a stream of no request still finds who it is for. The first session, without
 * capabilities, serves all others, and hears of changes.
 */
export async function legacyPeer(options: Options, signal: AbortSignal): Promise<Peer> {
  const { clientInfo, headers, connectMs } = options;
  const heard = new Set<(change: PeerChange) => void>();
  const gone = new Set<(why: Error) => void>();
  const watched = new Set<string>();
  const entries = new Set<Entry>();
  let closed = false;
  const change = (what: PeerChange) => heard.forEach((one) => one(what));

  /** What else is under way learns for itself whether it was carried out; a new session takes its place when wanted. */
  const lose = (entry: Entry) => {
    if (entry.lost) return;
    entry.lost = true;
    entries.delete(entry);
    if (entry.session?.busy === 0) void entry.session.end(new SessionLost());
    if (entry.key === "{}" && !closed) {
      // The server may have been restarted, with other lists.
      first().then(
        () => (["tools", "resources", "prompts"] as const).forEach((kind) => change({ kind })),
        (error: unknown) => gone.forEach((one) => one(error instanceof Error ? error : new NotMcp())),
      );
    }
  };

  const open = (capabilities: Json, owner = ""): Entry => {
    const introduce = async () => {
      const { session, agreed } = await options.open((what) => entry.key === "{}" && change(what));
      try {
        const own = await headers();
        const params = { protocolVersion: REVISIONS[0], capabilities, clientInfo };
        const result = await session.request({ method: "initialize", params, timeoutMs: connectMs, signal }, own);
        const revision = String(result["protocolVersion"]);
        if (!REVISIONS.includes(revision)) throw new NotMcp(`it speaks the revision ${revision.slice(0, 40)} alone`);
        introduced = result;
        const following = agreed(revision, { lost: () => lose(entry) });
        await session.notify("notifications/initialized", own);
        // What is asked back may come on that stream, and would be lost before it is there.
        if (entry.key !== "{}") await within(STREAM_MS, Promise.resolve(following));
        if (entry.key === "{}")
          for (const uri of watched)
            await session
              .request({ method: "resources/subscribe", params: { uri }, timeoutMs: connectMs }, own)
              .catch(() => undefined); // it may be gone by now; whoever reads it learns that
        return (entry.session = session);
      } catch (error) {
        entries.delete(entry);
        await session.end(error instanceof Error ? error : new NotMcp());
        throw error;
      }
    };
    const entry: Entry = {
      key: canonicalJson(capabilities),
      owner,
      ready: undefined as unknown as Promise<LegacySession>, // set in the next line, before anybody sees it
      usedAt: performance.now(),
      lost: false,
    };
    entry.ready = introduce();
    entry.ready.catch(() => undefined); // whoever waits for it hears of it
    entries.add(entry);
    return entry;
  };
  let introduced: Json = {};
  const first = () => ([...entries].find(({ key }) => key === "{}") ?? open({})).ready;

  const tidy = () => {
    const spare = [...entries]
      .filter(({ key, session }) => key !== "{}" && session?.busy === 0)
      .toSorted((a, b) => a.usedAt - b.usedAt);
    const idle = spare.filter(({ usedAt }) => performance.now() - usedAt > IDLE_MS);
    for (const entry of idle.length ? idle : entries.size > MOST ? spare.slice(0, 1) : []) {
      entry.lost = true;
      entries.delete(entry);
      void entry.session?.end(new Closed());
    }
  };

  const choose = (exchange: Exchange): Entry => {
    const capabilities = exchange.ask ? sessionCapabilities(exchange.capabilities) : {};
    const key = canonicalJson(capabilities);
    const { workspaceId, userId } = exchange.caller.actor;
    const owner = key === "{}" ? "" : `${workspaceId}:${userId}`;
    const alike = [...entries].filter((entry) => entry.key === key && entry.owner === owner);
    const free = key === "{}" ? alike[0] : alike.find(({ session }) => session?.busy === 0);
    if (free) return free;
    tidy();
    if (alike.length === 0 || (alike.length < MOST_ALIKE && entries.size <= MOST)) return open(capabilities, owner);
    return alike.toSorted((a, b) => (a.session?.busy ?? 1) - (b.session?.busy ?? 1))[0]!;
  };

  const request: Peer["request"] = async (exchange, own) => {
    for (let again = false; ; again = true) {
      if (closed) throw new Closed();
      const entry = choose(exchange);
      entry.usedAt = performance.now();
      try {
        const session = await orAborted(entry.ready, exchange.signal);
        return await session.request(exchange, own);
      } catch (error) {
        if (!(error instanceof SessionLost)) throw error;
        lose(entry);
        if (again) throw error;
      } finally {
        // Lost while this was under way: nobody else ends it, and its stream would hold a connection for ever.
        if (entry.lost && entry.session?.busy === 0) void entry.session.end(new SessionLost());
      }
    }
  };
  const subscription = async (method: string, uri: string) =>
    void (await (await first()).request({ method, params: { uri }, timeoutMs: connectMs }, await headers()));

  await first();
  const { protocolVersion, serverInfo, capabilities, instructions } = introduced;
  const info = isObject(serverInfo) ? serverInfo : {};
  return {
    protocol: String(protocolVersion),
    era: "legacy",
    serverInfo: {
      name: String(info["name"] ?? "unknown"),
      version: typeof info["version"] === "string" ? info["version"] : undefined,
      title: typeof info["title"] === "string" ? info["title"] : undefined,
    },
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === "string" ? instructions : undefined,
    request,
    onChange: (one) => (heard.add(one), () => heard.delete(one)),
    async watch(uri) {
      await subscription("resources/subscribe", uri);
      watched.add(uri);
    },
    async unwatch(uri) {
      if (watched.delete(uri)) await subscription("resources/unsubscribe", uri);
    },
    onGone: (one) => void gone.add(one),
    async close() {
      closed = true;
      const all = [...entries];
      entries.clear();
      await Promise.all(all.map(({ session }) => session?.end(new Closed())));
      await options.close();
    },
  };
}

/** Those of a client that decide what a server of the 2025 revisions may ask back. */
function sessionCapabilities({ elicitation, sampling, roots }: Json): Json {
  return {
    ...(isObject(elicitation) && { elicitation }),
    ...(isObject(sampling) && { sampling }),
    ...(isObject(roots) && { roots: {} }),
  };
}
