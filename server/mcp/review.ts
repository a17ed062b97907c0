import type { UpstreamDefinition } from "./definition.ts";
import type { Json, Viewer } from "./exchange.ts";

/** A tool as an upstream lists it (MCP `Tool`), whole and unchanged. */
export type ListedTool = { name: string } & Json;

/** What review says of a listed tool. */
export interface Verdict {
  /** The definition in force: the approved one, which may be older than what is listed. */
  definition: ListedTool;
  class: "read" | "write" | "dangerous";
  /** Whether each call needs a person's consent. */
  consent: boolean;
  /** Roles that may use it; empty: all that may use the upstream. */
  roles: string[];
}

/** Judges what upstreams list: only what it lets pass is offered and can be called. */
export interface ToolReview {
  /**
   * One verdict for each tool that may be used; the others are in quarantine, with what they say now. Called with each
   * new list, and again when `onChange` says so.
   */
  judge(upstream: UpstreamDefinition, listed: readonly ListedTool[]): Promise<Verdict[]>;
  /** Calls back with the id of an upstream whose verdicts have changed. */
  onChange(changed: (upstreamId: string) => void): () => void;
}

/** Whether somebody may see and use a tool at all: by the roles of the upstream and of the tool. */
export const mayUse = (
  viewer: Pick<Viewer, "role">,
  upstream: Pick<UpstreamDefinition, "policy">,
  { roles }: Pick<Verdict, "roles">,
): boolean => {
  const within = (allowed: readonly string[] | undefined) => !allowed?.length || allowed.includes(viewer.role);
  return within(upstream.policy.roles) && within(roles);
};
