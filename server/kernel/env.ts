import { readFileSync } from "node:fs";
import type { z } from "zod";
import { VARIABLES, type Variable } from "./variables.ts";

// The only reader of the environment.

type Name = keyof typeof VARIABLES;
export type Environment = { [N in Name]: z.output<(typeof VARIABLES)[N]["schema"]> };
const SECRET_NAMES: readonly string[] = (Object.entries(VARIABLES) as [Name, Variable][])
  .filter(([, v]) => v.secret)
  .map(([name]) => name); // Object.entries widens the names

/** All that is wrong with the environment, at once: one line each, with the name and what is expected. */
export class EnvironmentError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

function rawValue(name: Name, variable: Variable, source: NodeJS.ProcessEnv): string | undefined {
  const file = variable.secret ? source[`${name}_FILE`] : undefined;
  if (!file) return source[name] || undefined; // an empty variable is an unset one
  if (source[name]) throw new Error(`${name} and ${name}_FILE are both set: keep one`);
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch (error) {
    throw new Error(`${name}_FILE: cannot be read (${(error as NodeJS.ErrnoException).code ?? "error"})`, {
      cause: error,
    });
  }
}

/**
 * Parses the environment. Throws `EnvironmentError` that names every wrong variable. `check` is given those that are
 * right and tells what is wrong beyond the single variable.
 */
export function readEnvironment(
  source: NodeJS.ProcessEnv = process.env,
  check: (values: Partial<Environment>, say: (problem: string) => void) => void = () => undefined,
): Environment {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(VARIABLES) as [Name, Variable][]) {
    // Object.entries widens the names
    try {
      const parsed = variable.schema.safeParse(rawValue(name, variable, source));
      if (parsed.success) values[name] = parsed.data;
      else
        problems.push(
          `${name}: expected ${parsed.error.issues[0]?.message}${variable.secret ? "" : `, got ${JSON.stringify(source[name])}`}`,
        );
    } catch (error) {
      problems.push((error as Error).message); // rawValue throws nothing else
    }
  }
  if (values["DATABASE_URL"] && !values["JWT_SECRET"] && !problems.some((line) => line.startsWith("JWT_SECRET")))
    problems.push(
      "JWT_SECRET: required when DATABASE_URL is set, at least 32 characters, for example from: openssl rand -hex 32",
    );
  if (values["DATABASE_URL"] && values["OSF_DEMO"] === true)
    problems.push("OSF_DEMO: demo mode works on the embedded database only; unset OSF_DEMO or DATABASE_URL");
  if (values["SECRETS_BACKEND"] === "infisical")
    for (const name of ["INFISICAL_CLIENT_ID", "INFISICAL_CLIENT_SECRET", "INFISICAL_PROJECT_ID"])
      if (!values[name] && !problems.some((line) => line.startsWith(name)))
        problems.push(`${name}: required when SECRETS_BACKEND is infisical`);
  check(values, (problem) => problems.push(problem));
  if (problems.length) throw new EnvironmentError(problems);
  return values as Environment; // every name was parsed by its own schema above
}

/**
 * The environment of a command that prisma/with-database.ts runs, and the database that it has set. Nobody chose that
 * one: unlike one of their own it goes without JWT_SECRET, and with demo mode.
 */
export function readCommandEnvironment(source: NodeJS.ProcessEnv = process.env): {
  env: Environment;
  databaseUrl: string | undefined;
} {
  const { DATABASE_URL: given, ...others } = source;
  const env = readEnvironment(others);
  return { env, databaseUrl: given || env.DATABASE_URL };
}

const SERVICE_PREFIX = "MCP_SERVICE_";

/** The variables `MCP_SERVICE_<NAME>_…`, without the empty ones. `say` is told each that names a file that cannot be read. */
export function serviceVariables(
  say: (problem: string) => void,
  source: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (!name.startsWith(SERVICE_PREFIX) || !value) continue;
    const held = /^(.*(?:TOKEN|API_KEY|CLIENT_SECRET))_FILE$/.exec(name)?.[1];
    try {
      const text = held === undefined ? value : readFileSync(value, "utf8").trim();
      if (text) found[held ?? name] = text;
    } catch (error) {
      say(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code ?? "error"})`); // an error of the file system
    }
  }
  return found;
}

/** Variables that children do not get: they are told what they need of them. */
export const secretVariables = (source: NodeJS.ProcessEnv = process.env): string[] => [
  ...SECRET_NAMES.flatMap((name) => [name, `${name}_FILE`]),
  ...Object.keys(source).filter((name) => name.startsWith(SERVICE_PREFIX)),
];

/** What processes that the product starts for others may know of its environment. */
export const processEnvironment = (source: NodeJS.ProcessEnv = process.env): { path: string; lang: string } => ({
  path: source["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
  lang: source["LANG"] ?? "C.UTF-8",
});

/** The value of any variable, for texts of the settings that name one. */
export const variable = (name: string, source: NodeJS.ProcessEnv = process.env): string | undefined => source[name];

/** Whether a variable was given at all: a default yields where a choice would not. */
export const isSet = (name: Name, source: NodeJS.ProcessEnv = process.env) => Boolean(source[name]);
