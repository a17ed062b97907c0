import { AppError } from "../../kernel/errors.ts";
import { commandLine } from "../../kernel/upstream.schema.ts";
import { argumentCheck } from "../argument-check.ts";
import type { UpstreamAuth, UpstreamPolicy, UpstreamTransport } from "../definition.ts";
import { secretNames } from "../vault.ts";

export type ConfigValue = string | number | boolean | string[];
export type Config = Record<string, ConfigValue>;

/** A field of the configuration, as JSON Schema. */
export interface ConfigField {
  type: "string" | "integer" | "boolean" | "array";
  title: string;
  description?: string;
  default?: ConfigValue;
  enum?: string[];
  format?: "uri";
  pattern?: string;
  items?: { type: "string" };
  minItems?: number;
  minLength?: number;
}

/** JSON Schema of the values; flat, for a form. */
export interface ConfigSchema {
  type: "object";
  properties: Record<string, ConfigField>;
  required: string[];
  additionalProperties: false;
}

/**
 * A server that is known to the gateway and can be activated. Texts of `url`, of `transport` and a client's id may hold
 * `{field}` of the configuration; those of `auth` and of a process's environment `${NAME}` of secrets.
 */
export interface CatalogueEntry {
  /** The name that the server gets. */
  id: string;
  title: string;
  description: string;
  /** Who makes the server. */
  publisher: string;
  tags: string[];
  /** Where it is described, if elsewhere. */
  homepage?: string;
  url: string;
  transport: UpstreamTransport;
  auth: UpstreamAuth;
  policy?: UpstreamPolicy;
  config?: Pick<ConfigSchema, "properties" | "required">;
  /** Secrets of the workspace that it needs, by what they are for. */
  secrets: { name: string; title: string; description: string }[];
  /** Who may activate it: everybody who builds, an administrator of the workspace, or the platform's owner. */
  activate: "editor" | "admin" | "owner";
}

export const configSchema = ({ config }: CatalogueEntry): ConfigSchema => ({
  type: "object",
  properties: config?.properties ?? {},
  required: config?.required ?? [],
  additionalProperties: false,
});

/** The values with the defaults, and what is wrong with them, by field. */
export function checkConfig(
  entry: CatalogueEntry,
  given: Record<string, unknown>,
): { values: Config; wrong: { path: string; message: string }[] } {
  const { properties } = configSchema(entry);
  const values: Record<string, unknown> = {};
  for (const [name, { default: preset }] of Object.entries(properties)) {
    const value = given[name];
    // An emptied field of a form is one that was not filled in.
    const empty = value === undefined || value === null || value === "";
    if (!empty) values[name] = value;
    else if (preset !== undefined) values[name] = preset;
  }
  for (const name of Object.keys(given)) if (!(name in properties)) values[name] = given[name];
  const schema = { ...configSchema(entry) } as Record<string, unknown>; // as any schema of a tool
  const check = argumentCheck({ ours: true });
  const wrong = check(
    {
      name: entry.id,
      server: entry.id,
      title: entry.title,
      description: "",
      inputSchema: schema,
      class: "read",
      repeatable: true,
    },
    values,
  );
  return { values: values as Config, wrong }; // of the types above where nothing is wrong
}

/** The server as it is registered with these values, which `checkConfig` has passed. */
export function definitionOf(
  entry: CatalogueEntry,
  values: Config,
): { url: string; transport: UpstreamTransport; auth: UpstreamAuth; policy: UpstreamPolicy } {
  const transport = filled(entry.transport, values);
  const url = transport.kind === "stdio" ? commandLine(transport) : fillAddress(entry.url, values);
  if (transport.kind !== "stdio" && !/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new AppError("invalid", "catalogue.config", "The configuration does not make a valid address", {
      fields: [{ path: fieldsOf(entry.url)[0] ?? "", message: "An http:// or https:// address" }],
    });
  return { url, transport, auth: filledAuth(entry.auth, values), policy: entry.policy ?? {} };
}

const filledAuth = (auth: UpstreamAuth, values: Config): UpstreamAuth =>
  auth.kind === "oauth-user" && auth.clientId !== undefined ? { ...auth, clientId: fill(auth.clientId, values) } : auth;

/** Names of the secrets that the entry uses anywhere. */
export const secretsOf = (entry: CatalogueEntry): string[] =>
  secretNames(JSON.stringify([entry.url, entry.transport, entry.auth]));

const FIELD = /(?<!\$)\{([a-z][A-Za-z0-9]*)\}/g;
const fieldsOf = (text: string): string[] => Array.from(text.matchAll(FIELD), ([, name = ""]) => name);

function filled(transport: UpstreamTransport, values: Config): UpstreamTransport {
  if (transport.kind === "openapi" && typeof transport.document === "string")
    return { kind: "openapi", document: fillAddress(transport.document, values) };
  if (transport.kind !== "stdio") return transport;
  const args = transport.args.flatMap((arg) => {
    const [only] = fieldsOf(arg);
    // An argument that is one field: left out where that is empty, several where it is a list.
    if (only !== undefined && arg === `{${only}}`) {
      const value = values[only];
      return value === undefined ? [] : Array.isArray(value) ? value.map(harmless) : [harmless(String(value))];
    }
    return fieldsOf(arg).every((name) => values[name] !== undefined) ? [fill(arg, values)] : [];
  });
  const env = Object.fromEntries(
    Object.entries(transport.env).flatMap(([name, text]) =>
      fieldsOf(text).every((field) => values[field] !== undefined) ? [[name, fill(text, values)]] : [],
    ),
  );
  return { ...transport, args, env };
}

/** A value brings in no secrets of the workspace: `${` of a value stays text. */
const harmless = (value: string): string => value.replaceAll("${", "$ {");
const fill = (text: string, values: Config): string =>
  text.replaceAll(FIELD, (_all, name: string) => harmless(String(values[name] ?? "")));

/** A field at the beginning is (the beginning of) the address itself; every other is one part of it. */
const fillAddress = (text: string, values: Config): string =>
  text.replaceAll(FIELD, (_all, name: string, at: number) => {
    const value = String(values[name] ?? "");
    return at === 0 ? value.replace(/\/+$/, "").replaceAll("${", "$%7B") : encodeURIComponent(value);
  });
