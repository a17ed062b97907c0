import type { Actor } from "../../kernel/actor.ts";
import { allows } from "../../kernel/permissions.ts";
import type { CatalogueEntry } from "../../mcp/catalogue/entry.ts";

export type Needs = CatalogueEntry["activate"];

/** Whether somebody may activate a server that needs this. */
export function mayActivate(actor: Actor, needs: Needs): boolean {
  if (!allows(actor, "upstream.activate")) return false;
  if (needs === "owner") return actor.owner;
  return needs === "editor" || allows(actor, "upstream.write");
}

export const WHO: Record<Needs, string> = {
  editor: "somebody with the role editor",
  admin: "an administrator of the workspace",
  owner: "the platform's owner",
};
