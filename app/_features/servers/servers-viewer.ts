import { allows, type Standing } from "#server/kernel/permissions.ts";

/** What somebody may do with servers, as far as it decides what can be pressed; the server decides again. */
export interface ServersViewer {
  /** Servers of the workspace. */
  writes: boolean;
  /** Servers for every workspace, child processes, private addresses. */
  owns: boolean;
  activates: boolean;
  /** Tools that change something. */
  callsWrites: boolean;
  reviews: boolean;
  audits: boolean;
  /** Secrets of the workspace. */
  keepsSecrets: boolean;
}

export const serversViewer = (actor: Standing): ServersViewer => ({
  writes: allows(actor, "upstream.write"),
  owns: allows(actor, "admin.write"),
  activates: allows(actor, "upstream.activate"),
  callsWrites: allows(actor, "tool.write"),
  reviews: allows(actor, "tool.review"),
  audits: allows(actor, "audit.read"),
  keepsSecrets: allows(actor, "secret.write"),
});
