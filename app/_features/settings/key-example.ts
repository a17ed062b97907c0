// The first that the key may call.
const EXAMPLES = [
  { scope: "run.read", path: "/api/runs?limit=5" },
  { scope: "plant.read", path: "/api/plant" },
  { scope: "model.read", path: "/v1/models" },
  { scope: "workspace.read", path: "/api/workspaces" },
  { scope: "upstream.read", path: "/api/mcp/servers" },
];

/** A command that works with the key as it is. `scopes` empty: all. */
export function keyExample(origin: string, key: string, scopes: readonly string[]): string {
  const path = EXAMPLES.find(({ scope }) => scopes.length === 0 || scopes.includes(scope))?.path ?? "/auth/me";
  return `curl "${origin}${path}" \\\n  -H "Authorization: Bearer ${key}"`;
}
