import { RpcError, type Exchange, type Json } from "../../exchange.ts";
import type { ListedTool } from "../../review.ts";
import type { PeerContext } from "../open-peer.ts";
import type { Peer } from "../peer.ts";

/** What opening a service needs. */
export type OpenService = Pick<PeerContext, "headers" | "connectMs" | "signal" | "dial">;

/** A tool that is no tool of an MCP server: its definition, and what a call does. */
export interface ServiceTool {
  listed: ListedTool;
  /** Answers a CallToolResult. */
  call(args: Json, exchange: Exchange, headers: Record<string, string>): Promise<Json>;
}

export interface ToolService {
  name: string;
  version?: string | undefined;
  title?: string | undefined;
  instructions?: string | undefined;
  tools: ServiceTool[];
  /** Reads anew what it offers; without it, that is as it was registered. Throws AppError. */
  reload?: (() => Promise<ServiceTool[]>) | undefined;
  close(): Promise<void>;
}

/** How often lists are read anew: this is also how a service that died in silence is noticed. */
const RELOAD_MS = 60_000;

const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
/** The newest revision: a service speaks none, and so is bound to none. */
const PROTOCOL = "2026-07-28";

/** A service's operations as a peer that offers tools and nothing else. */
export function toolPeer({ name, version, title, instructions, tools, reload, close }: ToolService): Peer {
  let byName = new Map(tools.map((tool) => [tool.listed.name, tool]));
  let readAt = performance.now();
  const list = async () => {
    if (reload && performance.now() - readAt > RELOAD_MS) {
      byName = new Map((await reload()).map((tool) => [tool.listed.name, tool]));
      readAt = performance.now();
    }
    return [...byName.values()].map(({ listed }) => listed).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };
  return {
    protocol: PROTOCOL,
    era: "modern",
    serverInfo: { name, version, title },
    capabilities: { tools: {} },
    ...(instructions !== undefined && { instructions }),
    async request(exchange, headers) {
      exchange.signal?.throwIfAborted();
      const { method, params } = exchange;
      if (method === "tools/list") return { tools: await list() };
      if (method === "ping") return {};
      if (method !== "tools/call") throw new RpcError(METHOD_NOT_FOUND, `This service does not know ${method}`);
      const tool = byName.get(String(params["name"]));
      if (!tool) throw new RpcError(INVALID_PARAMS, `This service has no operation ${String(params["name"])}`);
      return tool.call((params["arguments"] ?? {}) as Json, exchange, headers); // an object by the protocol
    },
    // Services announce nothing.
    onChange: () => () => undefined,
    watch: async () => undefined,
    unwatch: async () => undefined,
    onGone: () => undefined,
    close,
  };
}
