import { RpcError, type Caller, type Json } from "../exchange.ts";
import type { ListedTool } from "../review.ts";
import { isObject } from "./message.ts";
import type { Peer } from "./peer.ts";
import { NotMcp } from "./wire-errors.ts";

/** What a server lists, whole, in its own words and order. */
export interface Lists {
  tools: ListedTool[];
  resources: Json[];
  templates: Json[];
  prompts: Json[];
}
export type ListKind = "tools" | "resources" | "prompts";
export const LIST_KINDS: readonly ListKind[] = ["tools", "resources", "prompts"];

const MAX_PAGES = 100;
const MAX_ITEMS = 10_000;

/** The gateway itself, where it asks for nobody. */
const NOBODY: Caller = {
  actor: { userId: "", name: "OSF Gateway", workspaceId: "", role: "viewer", via: "session" },
  through: { kind: "program", id: "gateway" },
};

/**
 * Lists those kinds that the server declares, all pages. `ttlMs`: the shortest that the server says. Resources and prompts
 * that cannot be listed are none, for they must not hide the tools; a list of tools that fails, and what the connection
 * says, is thrown.
 */
export async function fetchLists(
  peer: Peer,
  kinds: readonly ListKind[],
  { headers, timeoutMs, signal }: { headers: Record<string, string>; timeoutMs: number; signal: AbortSignal },
): Promise<{ lists: Partial<Lists>; ttlMs: number | undefined }> {
  let ttlMs: number | undefined;
  const all = async (method: string, member: string): Promise<Json[]> => {
    const items: Json[] = [];
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES && items.length < MAX_ITEMS; page++) {
      const params = typeof cursor === "string" ? { cursor } : {};
      const result = await peer.request(
        { caller: NOBODY, method, params, capabilities: {}, timeoutMs, signal },
        headers,
      );
      const found = result[member];
      if (!Array.isArray(found)) throw new NotMcp(`its answer to ${method} is no list`);
      items.push(...found.filter(isObject));
      const ttl = result["ttlMs"];
      if (typeof ttl === "number" && ttl > 0) ttlMs = Math.min(ttlMs ?? Infinity, ttl);
      if (typeof result["nextCursor"] !== "string" || result["nextCursor"] === cursor) break;
      cursor = result["nextCursor"];
    }
    return items.slice(0, MAX_ITEMS);
  };
  const lenient = (method: string, member: string) =>
    all(method, member).catch((error: unknown) => {
      if (error instanceof RpcError || error instanceof NotMcp) return [];
      throw error;
    });
  const wanted = kinds.filter((kind) => isObject(peer.capabilities[kind]));
  const lists: Partial<Lists> = Object.fromEntries(kinds.map((kind) => [kind, []]));
  await Promise.all(
    wanted.map(async (kind) => {
      if (kind === "tools") lists.tools = (await all("tools/list", "tools")).filter(isTool);
      else if (kind === "prompts") lists.prompts = await lenient("prompts/list", "prompts");
      else {
        const both = [lenient("resources/list", "resources"), lenient("resources/templates/list", "resourceTemplates")];
        [lists.resources, lists.templates] = (await Promise.all(both)) as [Json[], Json[]]; // two, as they were asked
      }
    }),
  );
  if (kinds.includes("resources")) lists.templates ??= [];
  return { lists, ttlMs };
}

/** Names that nobody could read, store or ask for are none. */
const NAME = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

const isTool = (item: Json): item is ListedTool =>
  typeof item["name"] === "string" && NAME.test(item["name"]) && isObject(item["inputSchema"]);
