import type { Exchange, ExchangeResult, Json } from "../exchange.ts";

/**
 * An open connection to one upstream, for messages of whatever revision: Streamable HTTP of all revisions, HTTP+SSE,
 * stdio, and services that are no MCP servers. One is shared by all callers unless `perCaller`.
 */
export interface Peer {
  /** The revision in use, for example `2026-07-28`; of services the newest. */
  readonly protocol: string;
  readonly era: "modern" | "legacy";
  readonly serverInfo: { name: string; version?: string | undefined; title?: string | undefined };
  /** ServerCapabilities as the server declares them. */
  readonly capabilities: Json;
  readonly instructions?: string | undefined;
  /**
   * Sends a request and answers its result. Throws `RpcError` for what the server answered, AppError
   * (`tool.unreachable`, `tool.timeout`, `tool.protocol`, `upstream.auth`; with `hints.extra.mayHaveRun`) for everything
   * else; an abort sends the cancellation and rejects with the signal's reason.
   */
  request(exchange: Exchange, headers: Record<string, string>): Promise<ExchangeResult>;
  /** Calls back at every change that the server announces, until the returned function is called. */
  onChange(heard: (change: PeerChange) => void): () => void;
  /** Asks for updates of a resource, or no longer. */
  watch(uri: string): Promise<void>;
  unwatch(uri: string): Promise<void>;
  /** Called once when the connection is of no use any more. */
  onGone(gone: (why: Error) => void): void;
  close(): Promise<void>;
}

export type PeerChange =
  | { kind: "tools" | "resources" | "prompts" }
  | { kind: "resource"; uri: string }
  /** A log message that belongs to no request. */
  | { kind: "log"; params: Json };
