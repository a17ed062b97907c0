import { AppError, missing } from "../kernel/errors.ts";
import { allows, type Permission } from "../kernel/permissions.ts";
import type { Stage, TargetTool } from "./exchange.ts";
import { mayUse } from "./review.ts";

/** What a role needs to call a tool of that class. */
export const permissionFor = (kind: TargetTool["class"]): Permission => (kind === "read" ? "plant.read" : "tool.write");

/**
 * Refuses what the caller's role may not do: servers and tools that are for other roles do not exist for it
 * (`missing`); a tool that changes something needs `tool.write` (`forbidden`, `tool.forbidden`). Scopes of credentials
 * are the edges' matter: a record of an actor has none.
 */
export const createPolicyStage = (): Stage => async (exchange, target, next) => {
  const { actor } = exchange.caller;
  const { definition, tool } = target;
  if (!mayUse(actor, definition, { roles: [] })) throw missing("MCP server", "upstream.missing");
  if (!tool) return next(exchange, target);
  if (!mayUse(actor, definition, { roles: [...tool.roles] })) throw missing("tool");
  if (!allows({ role: actor.role, owner: false, scopes: null }, permissionFor(tool.class)))
    throw new AppError(
      "forbidden",
      "tool.forbidden",
      `The tool ${definition.name}.${tool.name} changes something, and the role ${actor.role} may not do that: it takes the role operator`,
    );
  return next(exchange, target);
};
