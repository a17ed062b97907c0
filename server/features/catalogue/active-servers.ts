import type { Actor } from "../../kernel/actor.ts";
import type { UpstreamState } from "../../mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import type { ActiveServer } from "./schema.ts";

/** Who asks: a person, whatever the credential. */
export type Asker = Pick<Actor, "workspaceId" | "userId" | "role">;

/**
 * Servers that are active for a person, by name: those that an administrator registered or the settings name are
 * everybody's; those of the catalogue are active for whoever activated them.
 */
export async function activeServers(deps: Pick<Deps, "db" | "tools">, actor: Asker): Promise<ActiveServer[]> {
  const [states, own, offered] = await Promise.all([
    deps.tools.upstreams(actor.workspaceId),
    activations(deps, actor),
    deps.tools.list(actor),
  ]);
  return states
    .filter((one) => one.enabled && isActive(one, own))
    .map(({ name, title, state, problem }) => ({
      name,
      title,
      state,
      ...(problem !== undefined && { problem }),
      own: own.has(name),
      tools: offered.filter(({ server }) => server === name).map((tool) => tool.name),
    }));
}

/** Names of the servers that are active for a person. */
export async function activeNames(deps: Pick<Deps, "db" | "tools">, actor: Asker): Promise<Set<string>> {
  const [states, own] = await Promise.all([deps.tools.upstreams(actor.workspaceId), activations(deps, actor)]);
  return new Set(states.filter((one) => one.enabled && isActive(one, own)).map(({ name }) => name));
}

export const isActive = ({ source, name }: Pick<UpstreamState, "source" | "name">, own: ReadonlySet<string>): boolean =>
  source !== "catalogue" || own.has(name);

/** Names of what the person activated. */
export async function activations({ db }: Pick<Deps, "db">, { workspaceId, userId }: Asker): Promise<Set<string>> {
  const rows = await db.upstreamActivation.findMany({ where: { workspaceId, userId }, select: { upstream: true } });
  return new Set(rows.map(({ upstream }) => upstream));
}
