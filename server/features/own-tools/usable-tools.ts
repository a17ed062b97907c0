import type { Actor } from "#server/kernel/actor.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import { activeNames } from "../catalogue/index.ts";
import type { Deps } from "../deps.ts";

/**
 * Tools of upstreams that somebody may call: by role and scopes, and of servers that are active for them. Those that
 * need consent are among them: it is asked for when they are called.
 */
export async function usableTools(deps: Pick<Deps, "db" | "tools">, actor: Actor): Promise<Tool[]> {
  const may = { read: allows(actor, "plant.read"), act: allows(actor, "tool.write") };
  if (!may.read && !may.act) return [];
  const [all, active] = await Promise.all([deps.tools.list(actor), activeNames(deps, actor)]);
  return all.filter((tool) => (tool.class === "read" ? may.read : may.act) && active.has(tool.server));
}
