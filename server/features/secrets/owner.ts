import { authorise, type Actor } from "../../kernel/actor.ts";
import { INSTALLATION } from "./store.ts";

/** Whose secrets the actor means. Those of the installation are the platform owner's alone; throws `forbidden`. */
export function ownerFor(actor: Actor, scope: "workspace" | "installation", access: "read" | "write"): string {
  if (scope === "workspace") return actor.workspaceId;
  authorise(actor, access === "read" ? "admin.read" : "admin.write");
  return INSTALLATION;
}
