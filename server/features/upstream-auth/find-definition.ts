import type { Actor } from "../../kernel/actor.ts";
import type { UpstreamDefinition } from "../../mcp/definition.ts";
import { mayUse } from "../../mcp/review.ts";
import type { Deps } from "../deps.ts";
import { upstreamSource } from "../upstreams/index.ts";

type Needs = Pick<Deps, "settings" | "db" | "live" | "log">;

/** The upstreams where people consent for themselves, of those that the actor may use. */
export async function connectable(deps: Needs, actor: Actor): Promise<UpstreamDefinition[]> {
  const all = await upstreamSource(deps).load();
  return all.filter(
    (definition) =>
      definition.enabled &&
      definition.auth.kind === "oauth-user" &&
      (definition.workspaceId === null || definition.workspaceId === actor.workspaceId) &&
      mayUse(actor, definition, { roles: [] }),
  );
}
