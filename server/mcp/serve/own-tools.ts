import type { Actor } from "../../kernel/actor.ts";
import type { Permission } from "../../kernel/permissions.ts";
import type { Caller, Json } from "../exchange.ts";
import type { ListedTool } from "../review.ts";

/** What a tool of the gateway is given besides its arguments. */
export interface OwnToolKit {
  /** Aborted when the client cancels or goes away. */
  signal: AbortSignal;
  /** Progress, where the client asked for it; else it goes nowhere. `progress` must grow. */
  progress(progress: number, total?: number, message?: string): void;
  /** Log messages and others that belong to this call. */
  notify(notification: { method: string; params: Json }): void;
  /** ClientCapabilities of who asks: what `ask` may ask. */
  capabilities: Json;
  /**
   * Asks the client's person or model in the middle of the call (`elicitation/create`, `sampling/createMessage`,
   * `roots/list`) and answers the result. Throws `RpcError` where the client cannot or the person did not. The call
   * stays in memory meanwhile.
   */
  ask(request: { method: string; params: Json }): Promise<Json>;
}

/** A tool of the gateway itself: offered at `/mcp` without prefix, which no upstream's tool can be, for those have a dot. */
export interface OwnTool {
  /** MCP `Tool`; its name has letters, digits, `_` and `-` only. */
  definition: ListedTool;
  /** Who lacks it does not see the tool. */
  permission: Permission;
  /**
   * Answers a `CallToolResult`. Arguments are checked against `inputSchema` before. AppErrors that a person can do
   * something about become a result with `isError`; everything else is an error of ours.
   */
  call(caller: Caller & { actor: Actor }, args: Json, kit: OwnToolKit): Promise<Json>;
}

/** Where the endpoint finds them. Asked at every list and call: keep what is expensive. */
export interface OwnToolSource {
  /** Tools of this person's workspace; permissions are checked by the endpoint. */
  for(actor: Actor): Promise<readonly OwnTool[]>;
  /** Calls back with the workspace whose tools changed; null: all. */
  onChange(heard: (workspaceId: string | null) => void): () => void;
}
