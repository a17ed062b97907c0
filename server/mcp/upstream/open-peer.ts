import { AppError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Vault } from "../vault.ts";
import { upstreamUrl } from "./address.ts";
import type { DialOptions } from "./dial.ts";
import { openHttpPeer } from "./http-peer.ts";
import type { Peer } from "./peer.ts";
import { openSsePeer } from "./sse-peer.ts";

/** What opening a connection needs, of whatever kind. */
export interface PeerContext {
  /** The gateway as upstreams are told. */
  clientInfo: { name: string; title: string; version: string };
  /** Headers of what nobody asked for: connecting, lists, streams of changes. */
  headers(): Promise<Record<string, string>>;
  /** Milliseconds for each step of connecting. */
  connectMs: number;
  /** Gives up connecting. */
  signal: AbortSignal;
  /** Which addresses may be dialled, but for the upstream's own policy. */
  dial: Pick<DialOptions, "allow" | "lookup">;
  vault?: Vault | undefined;
  log: Log;
}

/** Opens one kind of upstream. Throws AppError, or what the wire said: `explain` puts both into words. */
export type PeerOpener = (definition: UpstreamDefinition, context: PeerContext) => Promise<Peer>;
export type PeerOpeners = Partial<Record<UpstreamDefinition["transport"]["kind"], PeerOpener>>;

const overHttp =
  (open: typeof openHttpPeer): PeerOpener =>
  (definition, { clientInfo, headers, connectMs, signal, dial }) => {
    const url = upstreamUrl(definition.url);
    if (!url) throw new AppError("invalid", "upstream.address", "it has no http:// or https:// address");
    const { privateNetwork } = definition.policy;
    return open({ url, clientInfo, headers, connectMs, signal, dial: { ...dial, privateNetwork } });
  };

const OPENERS: PeerOpeners = { http: overHttp(openHttpPeer), sse: overHttp(openSsePeer) };

/** `more`: what the composition gives for further kinds. */
export const peerOpener =
  (more: PeerOpeners = {}): PeerOpener =>
  async (definition, context) => {
    const { kind } = definition.transport;
    const open = more[kind] ?? OPENERS[kind];
    if (!open) throw new AppError("unavailable", "upstream.kind", `servers of the kind ${kind} are not available here`);
    return open(definition, context);
  };
