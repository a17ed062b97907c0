import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from "@modelcontextprotocol/client";
import { RpcError, type Exchange, type Json } from "../exchange.ts";
import { memberOfName } from "../name-header.ts";
import { inTime } from "../waiting.ts";
import { encodeHeaderValue } from "./header-value.ts";
import { pause, type HttpWire } from "./http-wire.ts";
import { changeOf } from "./legacy-session.ts";
import { isObject, isResponse, type Message } from "./message.ts";
import type { Peer, PeerChange } from "./peer.ts";
import { boundSilence } from "./silence.ts";
import { Closed } from "./wire-errors.ts";

export const MODERN_REVISION = "2026-07-28";
/** How long an answered request's stream may stay open. */
const STREAM_GRACE_MS = 1_000;
const LISTEN_AGAIN_MS = [1_000, 30_000] as const;

export interface ModernOptions {
  wire: HttpWire;
  clientInfo: { name: string; title: string; version: string };
  /** Headers of what nobody asked for: `server/discover`, the stream of changes. */
  headers(): Promise<Record<string, string>>;
}
type ModernRequest = Pick<Exchange, "method" | "params" | "timeoutMs" | "signal" | "notify" | "logLevel"> & {
  capabilities?: Json;
};
export type ModernSend = (exchange: ModernRequest, headers: Record<string, string>) => Promise<Json>;

/** Requests of revision 2026-07-28: each says for itself which revision it is, and what its client can do. */
export function modernSend({ wire, clientInfo }: ModernOptions): ModernSend {
  let lastId = 0;
  return async (exchange, headers) => {
    const { method, params, capabilities = {}, logLevel, notify } = exchange;
    exchange.signal?.throwIfAborted();
    const id = ++lastId;
    const name = params[memberOfName(method) ?? ""];
    const meta: Json = {
      ...(isObject(params["_meta"]) && params["_meta"]),
      [PROTOCOL_VERSION_META_KEY]: MODERN_REVISION,
      [CLIENT_INFO_META_KEY]: clientInfo,
      [CLIENT_CAPABILITIES_META_KEY]: capabilities,
      ...(logLevel && { [LOG_LEVEL_META_KEY]: logLevel }),
      // Always asked for, since it is progress that keeps a long request alive.
      progressToken: id,
    };
    const answered = Promise.withResolvers<Message>();
    const stream = new AbortController();
    const silence = boundSilence(exchange, (reason) => {
      answered.reject(reason);
      stream.abort(); // the end of the stream is the cancellation
    });
    const heard = (message: Message) => {
      if (isResponse(message)) return message.id === id ? answered.resolve(message) : undefined;
      // Nothing is asked back in this revision: a request is answered with `input_required`.
      if (message.method === undefined || (message.id !== undefined && message.id !== null)) return;
      const { method, params = {} } = message;
      if (method !== "notifications/progress") return notify?.({ method, params });
      const { progressToken: _, ...progress } = params;
      silence.broken();
      notify?.({ method, params: progress });
    };
    const sent = wire.post(
      { jsonrpc: "2.0", id, method, params: { ...params, _meta: meta } },
      {
        headers: {
          ...headers,
          "mcp-protocol-version": MODERN_REVISION,
          "mcp-method": method,
          ...(typeof name === "string" && { "mcp-name": encodeHeaderValue(name) }),
        },
        signal: stream.signal,
        heard,
        era: "modern",
      },
    );
    sent.catch(answered.reject);
    try {
      const { result, error } = await answered.promise;
      if (error) throw new RpcError(error.code, String(error.message), error.data);
      return result ?? {};
    } finally {
      silence.end();
      const late = setTimeout(() => stream.abort(), STREAM_GRACE_MS).unref();
      const quiet = () => clearTimeout(late);
      sent.then(quiet, quiet);
    }
  };
}

/** `discovered`: what the server answered to `server/discover`. */
export function modernPeer(options: ModernOptions, send: ModernSend, discovered: Json, connectMs: number): Peer {
  const { wire, headers } = options;
  const heard = new Set<(change: PeerChange) => void>();
  const watched = new Set<string>();
  const closing = new AbortController();
  const change = (what: PeerChange) => heard.forEach((one) => one(what));
  const capabilities = isObject(discovered["capabilities"]) ? discovered["capabilities"] : {};
  const says = (list: string, what: string) => isObject(capabilities[list]) && capabilities[list][what] === true;
  const lists = (["tools", "resources", "prompts"] as const).filter((list) => says(list, "listChanged"));

  let listening: { stop: AbortController; acknowledged: Promise<void> } | undefined;
  /** One stream for all that is wanted. A change of what is wanted opens another, and then ends this one. */
  const listen = (again = false): Promise<void> => {
    const old = listening;
    if (closing.signal.aborted || (lists.length === 0 && watched.size === 0)) {
      old?.stop.abort();
      listening = undefined;
      return Promise.resolve();
    }
    const stop = new AbortController();
    const acknowledged = Promise.withResolvers<void>();
    acknowledged.promise.catch(() => undefined); // `watch` alone waits for it
    listening = { stop, acknowledged: acknowledged.promise };
    const current = listening;
    const isCurrent = () => listening === current;
    const notifications = {
      ...Object.fromEntries(lists.map((list) => [`${list}ListChanged`, true])),
      ...(watched.size > 0 && { resourceSubscriptions: [...watched] }),
    };
    const follow = async () => {
      let wait: number = LISTEN_AGAIN_MS[0];
      for (let first = !again; isCurrent(); first = false) {
        try {
          const request = {
            method: "subscriptions/listen",
            params: { notifications },
            timeoutMs: 2 ** 31 - 1, // it may be silent for ever
            signal: stop.signal,
            notify({ method, params }: { method: string; params: Json }) {
              if (method === "notifications/subscriptions/acknowledged") {
                old?.stop.abort();
                acknowledged.resolve();
                wait = LISTEN_AGAIN_MS[0];
                // What changed while nobody listened was not heard.
                if (!first) for (const kind of lists) change({ kind });
              }
              const changed = changeOf(method, params);
              if (changed) change(changed);
              else if (method === "notifications/message") change({ kind: "log", params });
            },
          };
          await send(request, await headers());
        } catch (error) {
          if (stop.signal.aborted) return;
          if (error instanceof RpcError) return acknowledged.reject(error);
        }
        await pause(wait, stop.signal).catch(() => undefined);
        wait = Math.min(wait * 2, LISTEN_AGAIN_MS[1]);
      }
    };
    void follow();
    return acknowledged.promise;
  };
  closing.signal.addEventListener("abort", () => listening?.stop.abort(), { once: true });
  void listen();

  const meta = isObject(discovered["_meta"]) ? discovered["_meta"] : {};
  const told = meta[SERVER_INFO_META_KEY] ?? discovered["serverInfo"];
  const info = isObject(told) ? told : {};
  return {
    protocol: MODERN_REVISION,
    era: "modern",
    serverInfo: {
      name: String(info["name"] ?? "unknown"),
      version: typeof info["version"] === "string" ? info["version"] : undefined,
      title: typeof info["title"] === "string" ? info["title"] : undefined,
    },
    capabilities,
    instructions: typeof discovered["instructions"] === "string" ? discovered["instructions"] : undefined,
    async request(exchange, own) {
      if (closing.signal.aborted) throw new Closed();
      return send(exchange, own);
    },
    onChange: (one) => (heard.add(one), () => heard.delete(one)),
    async watch(uri) {
      if (watched.has(uri)) return;
      watched.add(uri);
      try {
        await inTime(listen(true), { timeoutMs: connectMs }, String(info["name"]));
      } catch (error) {
        watched.delete(uri);
        throw error;
      }
    },
    async unwatch(uri) {
      if (watched.delete(uri)) void listen(true);
    },
    onGone: () => undefined, // there is nothing to lose: each request stands alone
    async close() {
      closing.abort();
      await wire.close();
    },
  };
}
