import type { EnvValue, Scope } from "#server/engine/scope.ts";

/** An entry of `env` in tabs, groups, subflows, their instances and global-config. */
export interface EnvEntry {
  name: string;
  type: string;
  value: unknown;
}

const wrap = (value: unknown): EnvValue =>
  typeof value === "object" && value !== null ? { copied: value } : { plain: value };

/**
 * Sets the environment of a scope. Entries of type `env` come last, since they may name the others. Their values are found
 * when a flow is planned; JSONata that reads contexts sees them as they are then. After evaluateEnvProperties of Node-RED.
 */
export async function setEnvironment(
  scope: Scope,
  entries: readonly EnvEntry[] | undefined,
  credentials: Record<string, unknown>,
): Promise<void> {
  if (!Array.isArray(entries)) return;
  const { util } = scope.plan;
  const found = new Map<string, EnvValue>();
  const asNode = {
    _flow: scope,
    context: () => ({ flow: scope.getContext("flow"), global: scope.getContext("global") }),
  };
  const ofType = async ({ name, type, value }: EnvEntry): Promise<EnvValue> => {
    switch (type) {
      case "bool":
        return { plain: value === "true" || value === true };
      case "cred":
        return wrap(credentials[name] ?? value);
      case "conf-type": {
        const reference = /^\$\{([^}]+)\}$/.exec(String(value))?.[1];
        return reference === undefined ? { plain: value } : wrap(scope.getSetting(reference));
      }
      case "jsonata":
        return wrap(
          await new Promise((resolve, reject) => {
            util.evaluateNodeProperty(value, type, asNode, null, (error, result) => {
              if (error) reject(error as Error);
              else resolve(result);
            });
          }),
        );
      default:
        return wrap(util.evaluateNodeProperty(value, type, { _flow: scope }, null));
    }
  };
  for (const entry of entries) {
    if (entry.type === "env") continue;
    try {
      found.set(entry.name, await ofType(entry));
    } catch (error) {
      found.set(entry.name, { plain: undefined });
      scope.error(`Error evaluating env property '${entry.name}': ${String(error)}`);
    }
  }
  const plainOf = (value: EnvValue) => ("copied" in value ? value.copied : value.plain);
  const lookup = {
    getSetting(key: string): unknown {
      const value = found.get(key);
      return value ? plainOf(value) : scope.getSetting(key);
    },
  };
  for (const { name, type, value } of entries) {
    if (type !== "env") continue;
    const reference = value === name ? `$parent.${name}` : String(value);
    found.set(name, found.get(reference) ?? wrap(util.evaluateNodeProperty(reference, type, { _flow: lookup }, null)));
  }
  for (const [name, value] of found) scope.env.set(name, value);
}

const REFERENCE = /^\$\((\S+)\)$|^\$\{(\S+)\}$/;

/** Replaces strings that are `${NAME}` as a whole, at any depth. */
export function fillEnvironment(target: Record<string, unknown>, scope: Scope, config: unknown): void {
  for (const key of Object.keys(target)) {
    const value = target[key];
    if (typeof value === "string") {
      const match = value.startsWith("$") ? REFERENCE.exec(value) : null;
      const name = match?.[1] ?? match?.[2];
      if (name === undefined) continue;
      const setting = scope.plan.util.getSetting(config, name, scope);
      if (setting !== undefined) target[key] = setting;
    } else if (typeof value === "object" && value !== null && !Buffer.isBuffer(value))
      fillEnvironment(value as Record<string, unknown>, scope, config); // keys of arrays are strings, too
  }
}
