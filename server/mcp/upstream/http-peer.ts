import { RpcError, type Json } from "../exchange.ts";
import { guardedAgent, type DialOptions } from "./dial.ts";
import { openHttpSession } from "./http-legacy.ts";
import { httpWire } from "./http-wire.ts";
import { legacyPeer } from "./legacy-peer.ts";
import { MODERN_REVISION, modernPeer, modernSend } from "./modern-peer.ts";
import { isObject } from "./message.ts";
import type { Peer } from "./peer.ts";
import { HttpRefusal } from "./wire-errors.ts";

export interface HttpPeerOptions {
  url: URL;
  dial: Pick<DialOptions, "allow" | "privateNetwork" | "lookup">;
  /** The gateway as upstreams are told. */
  clientInfo: { name: string; title: string; version: string };
  /** Headers of what nobody asked for: connecting, streams of changes. */
  headers(): Promise<Record<string, string>>;
  /** Milliseconds for each step of connecting. */
  connectMs: number;
  /** Gives up connecting. */
  signal: AbortSignal;
}

/**
 * Streamable HTTP of whatever revision. `server/discover` is asked first: what answers it with 2026-07-28 is spoken to so;
 * everything else but a failure (5xx, 401, no answer) is a server of 2025, which wants `initialize`. Throws what the
 * wire said; `explain` puts it into words.
 */
export async function openHttpPeer(options: HttpPeerOptions): Promise<Peer> {
  const { url, dial, clientInfo, headers, connectMs, signal } = options;
  const agent = guardedAgent({ ...dial, connectMs: Math.min(connectMs, 3_000) });
  const wire = httpWire(url, agent);
  try {
    const modern = { wire, clientInfo, headers };
    const send = modernSend(modern);
    const discovered = await discover();
    if (discovered) return modernPeer(modern, send, discovered, connectMs);
    return await legacyPeer(
      {
        clientInfo,
        headers,
        connectMs,
        open: async (changed) => openHttpSession(wire, headers, changed),
        close: () => wire.close(),
      },
      signal,
    );

    async function discover(): Promise<Json | undefined> {
      for (let first = true; ; first = false) {
        try {
          const request = { method: "server/discover", params: {}, timeoutMs: connectMs, signal };
          const result = await send(request, await headers());
          return speaksModern(result["supportedVersions"]) ? result : undefined;
        } catch (error) {
          // It names the very revision that was asked for: a slip of the server, or of something between.
          if (first && error instanceof RpcError && error.code === UNSUPPORTED && speaksModern(supported(error)))
            continue;
          if (error instanceof RpcError) return undefined;
          const old = error instanceof HttpRefusal && error.status >= 400 && error.status < 500;
          if (old && error.status !== 401 && error.status !== 403 && error.status !== 429) return undefined;
          throw error;
        }
      }
    }
  } catch (error) {
    await wire.close();
    throw error;
  }
}

const UNSUPPORTED = -32_022;
const speaksModern = (versions: unknown) => Array.isArray(versions) && versions.includes(MODERN_REVISION);
const supported = ({ data }: RpcError) => (isObject(data) ? data["supported"] : undefined);
