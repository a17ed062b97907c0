/** Roles of a workspace, from least to most. */
export const ROLES = ["viewer", "editor", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/**
 * Permission → who has it at least, and whether it changes something.
 * `person`: anyone signed in, in whatever role. `owner`: the platform's owner, for the whole installation.
 */
const TABLE = {
  "account.read": ["person", "read"],
  "account.write": ["person", "write"],
  "api-key.read": ["person", "read"],
  "api-key.write": ["person", "write"],
  "workspace.read": ["viewer", "read"],
  "workspace.write": ["admin", "write"],
  "chat.read": ["viewer", "read"],
  "chat.write": ["viewer", "write"],
  "model.read": ["viewer", "read"],
  "model.use": ["viewer", "write"],
  "tool.read": ["viewer", "read"],
  "tool.write": ["operator", "write"],
  "plant.read": ["viewer", "read"],
  "run.read": ["viewer", "read"],
  "run.cancel": ["viewer", "write"], // one's own; those of others need run.control
  "run.control": ["operator", "write"],
  "flow.read": ["viewer", "read"],
  "flow.write": ["editor", "write"],
  "flow.run": ["editor", "write"], // one's own; those of others need run.control
  "editor.use": ["editor", "write"], // the Node-RED editor of one's own seat
  "approval.read": ["viewer", "read"],
  "approval.respond": ["operator", "write"],
  "mcp.use": ["viewer", "write"], // to connect an MCP client at all; what it may do is said by the others
  "upstream.read": ["viewer", "read"],
  "upstream.activate": ["editor", "write"], // servers of the catalogue, for oneself
  "upstream.write": ["admin", "write"], // servers of one's workspace; those for every workspace need admin.write
  "tool.review": ["admin", "write"],
  "secret.read": ["editor", "read"], // names, never values
  "secret.write": ["admin", "write"],
  "audit.read": ["admin", "read"],
  "admin.read": ["owner", "read"],
  "admin.write": ["owner", "write"],
} as const satisfies Record<string, readonly [Role | "person" | "owner", "read" | "write"]>;

export type Permission = keyof typeof TABLE;
export const PERMISSIONS = Object.keys(TABLE) as Permission[]; // Object.keys loses the literal names

export const requirementOf = (permission: Permission) => ({
  atLeast: TABLE[permission][0],
  access: TABLE[permission][1],
});

/** What decides: the role in the workspace, platform ownership, and the scopes of the credential (null: all). */
export interface Standing {
  role: Role;
  owner: boolean;
  scopes: readonly string[] | null;
}

/** Whether a role at all holds the permission, and the credential in use was given it. */
export function allows(standing: Standing, permission: Permission): boolean {
  if (standing.scopes && !standing.scopes.includes(permission)) return false;
  const { atLeast } = requirementOf(permission);
  if (atLeast === "person") return true;
  if (atLeast === "owner") return standing.owner;
  return ROLES.indexOf(standing.role) >= ROLES.indexOf(atLeast);
}
