import type { IncomingHttpHeaders } from "node:http";
import type { Actor } from "../../../kernel/actor.ts";
import type { Exchange, Json } from "../../exchange.ts";
import type { GatewayChange } from "../../gateway.ts";

/** What an endpoint says of itself. */
export interface About {
  serverInfo: Json;
  /** ServerCapabilities, as the client's era knows them. */
  capabilities: Json;
  instructions?: string | undefined;
}

export type Era = "modern" | "legacy";

/** One request of a client, in the terms of the endpoint: its names, URIs and cursors, not those of an upstream. */
export type SurfaceCall = Omit<Exchange, "method" | "params"> & {
  actor: Actor;
  era: Era;
  method: string;
  params: Json;
  /** Of a request of revision 2026-07-28: `Mcp-Param-*` must agree with the arguments. */
  headers?: IncomingHttpHeaders | undefined;
};

/** An endpoint as clients see it, whatever revision they speak: the whole gateway, or one upstream. */
export interface Surface {
  /** `/mcp` or `/mcp/servers/{name}`. */
  readonly path: string;
  about(actor: Actor, era: Era): Promise<About>;
  /** Answers as an upstream would, `input_required` included. Throws `RpcError` and `AppError`. */
  request(call: SurfaceCall): Promise<Json>;
  /** Whether a change of the gateway is one of this endpoint. */
  concerns(change: GatewayChange): boolean;
  /** Wants updates of a resource; answers what to wait for, and how to stop. */
  watch(actor: Actor, uri: string): Promise<Watched>;
  /** Whether the gateway's own tools are among its tools. */
  readonly hasOwnTools: boolean;
}

export interface Watched {
  upstream: string;
  /** The upstream's own. */
  uri: string;
  stop(): void;
}
