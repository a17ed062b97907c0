/**
 * Names of tools towards people, models and flows: `<server>.<tool>`.
 *
 * A server's name matches `^[a-z][a-z0-9_-]{0,31}$` and so has no dot: the first dot of a tool's name separates, and
 * whatever follows is the upstream's own name, dots included. Two servers of one name are refused when the second is
 * registered, so no two tools can have one name. The upstream itself is always called with its own name.
 */
export const SERVER_NAME = /^[a-z][a-z0-9_-]{0,31}$/;

export const toolName = (server: string, tool: string): string => `${server}.${tool}`;

/** Null where it is not the name of a tool at all. */
export function splitToolName(name: string): { server: string; tool: string } | null {
  const dot = name.indexOf(".");
  const server = name.slice(0, dot);
  const tool = name.slice(dot + 1);
  return dot > 0 && tool && SERVER_NAME.test(server) ? { server, tool } : null;
}

/** Names sort by code units: the same everywhere, whatever the locale. */
export const byName = (a: { name: string }, b: { name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
