import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { readEnvironment, serviceVariables, variable, type Environment } from "../kernel/env.ts";
import {
  commandLine,
  UpstreamAuth,
  UpstreamName,
  UpstreamPinning,
  UpstreamPolicy,
  UpstreamTitle,
  UpstreamTransport,
  UpstreamUrl,
  type SettingsUpstream,
} from "../kernel/upstream.schema.ts";
import { readServices } from "./service-variables.ts";

/** The environment with the upstreams that it names. Throws EnvironmentError with all that is wrong, at once. */
export function readWholeEnvironment(source?: NodeJS.ProcessEnv): { env: Environment; upstreams: SettingsUpstream[] } {
  let upstreams: SettingsUpstream[] = [];
  const env = readEnvironment(source, ({ MCP_URL, MCP_SERVERS, MCP_SERVICES = [] }, say) => {
    const services = serviceVariables(say, source);
    const named = { MCP_URL, MCP_SERVERS, MCP_SERVICES };
    upstreams = readUpstreams(named, { services, variable: (name) => variable(name, source), say });
  });
  return { env, upstreams };
}

interface Sources {
  services: Record<string, string>;
  /** Value of a variable, for `${NAME}` in texts. */
  variable(name: string): string | undefined;
  say(problem: string): void;
}

/** Upstreams that the environment names: `MCP_URL`, `MCP_SERVERS`, `MCP_SERVICES`. `say` is told each problem. */
function readUpstreams(
  env: Pick<Environment, "MCP_URL" | "MCP_SERVERS" | "MCP_SERVICES">,
  { services, variable, say }: Sources,
): SettingsUpstream[] {
  const single: SettingsUpstream[] = env.MCP_URL
    ? [{ name: "mcp", title: "MCP server", url: env.MCP_URL, source: "environment" }]
    : [];
  const listed = env.MCP_SERVERS ? readServers(env.MCP_SERVERS, variable, say) : [];
  const all = [...single, ...listed, ...readServices(env.MCP_SERVICES, services, say)];
  const twice = all.filter(({ name }, at) => all.findIndex((one) => one.name === name) !== at);
  for (const name of new Set(twice.map((one) => one.name)))
    say(`${env.MCP_SERVERS ? "MCP_SERVERS" : "MCP_SERVICES"}: two upstreams have the name ${name}`);
  return all;
}

/** Whether the environment names any: the demo factory stays off then unless OSF_DEMO asks for it. */
export const namesUpstreams = ({ MCP_URL, MCP_SERVERS, MCP_SERVICES }: Environment): boolean =>
  Boolean(MCP_URL ?? MCP_SERVERS) || MCP_SERVICES.length > 0;

/**
 * One as files have it: as the HTTP API takes it, and in the words of other MCP clients (`type`, `command`, `args`,
 * `env`, one of `headers`).
 */
const Server = z.strictObject({
  name: UpstreamName,
  title: UpstreamTitle.optional(),
  url: UpstreamUrl.optional(),
  workspace: z.string().min(1).max(64).nullable().optional(),
  enabled: z.boolean().optional(),
  disabled: z.boolean().optional(),
  transport: z.union([z.enum(["http", "sse"]), UpstreamTransport]).optional(),
  type: z.enum(["http", "streamable-http", "sse", "stdio"]).optional(),
  command: z.string().min(1).max(200).optional(),
  args: z.array(z.string().max(4_000)).max(100).optional(),
  env: z.record(z.string(), z.string().max(10_000)).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  auth: UpstreamAuth.optional(),
  policy: UpstreamPolicy.optional(),
  pinning: UpstreamPinning.optional(),
});
type Server = z.output<typeof Server>;

const MAX_BYTES = 4 * 1024 * 1024;

function readServers(given: string, variable: Sources["variable"], say: (problem: string) => void): SettingsUpstream[] {
  const inline = /^\s*[{[]/.test(given);
  let value: unknown;
  try {
    const text = inline ? given : readFileSync(given, "utf8");
    if (text.length > MAX_BYTES) throw new Error("it is larger than 4 MB");
    value = inline || given.endsWith(".json") ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    // A message of the parser would quote what may be secret.
    const { code } = error as NodeJS.ErrnoException;
    say(`MCP_SERVERS: expected ${inline ? "JSON" : "the path of a JSON or YAML file"}${code ? ` (${code})` : ""}`);
    return [];
  }
  const list = listOf(value);
  if (!list) {
    say(
      "MCP_SERVERS: expected a list of servers, or servers by name, by themselves or below `servers` or `mcpServers`",
    );
    return [];
  }
  return list.flatMap(({ label, value: one }) => {
    const parsed = Server.safeParse(filled(one, variable));
    const problems = parsed.success
      ? problemsOf(parsed.data)
      : parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    for (const { path, message } of problems) say(`MCP_SERVERS: ${label}${path && `.${path}`}: ${message}`);
    return parsed.success && problems.length === 0 ? [upstreamOf(parsed.data)] : [];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function listOf(value: unknown): { label: string; value: unknown }[] | null {
  const inner = isObject(value) ? (value["servers"] ?? value["mcpServers"] ?? value) : value;
  if (Array.isArray(inner))
    return inner.map((one: unknown, at) => ({
      label: isObject(one) && typeof one["name"] === "string" ? one["name"] : `[${at}]`,
      value: one,
    }));
  if (!isObject(inner)) return null;
  return Object.entries(inner).map(([name, one]) => ({ label: name, value: isObject(one) ? { name, ...one } : one }));
}

/** Every `${NAME}` that is a variable is replaced; what is none stays, and is a secret of the installation. */
function filled(value: unknown, variable: Sources["variable"]): unknown {
  if (typeof value === "string")
    return value.replaceAll(/\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g, (all, name: string) => variable(name) ?? all);
  if (Array.isArray(value)) return value.map((one) => filled(one, variable));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, variable)]));
}

function problemsOf(server: Server): { path: string; message: string }[] {
  const transport = transportOf(server);
  const problems: { path: string; message: string }[] = [];
  if (server.auth && server.headers) problems.push({ path: "headers", message: "Give either auth or headers" });
  if (Object.keys(server.headers ?? {}).length > 1)
    problems.push({ path: "headers", message: "One header at most can be sent; give the one with the credential" });
  if (server.type === "stdio" && !server.command) problems.push({ path: "command", message: "Give its command" });
  if (server.transport !== undefined && (server.command ?? server.type) !== undefined)
    problems.push({ path: "transport", message: "Give either transport or type and command" });
  const documentAddress = transport.kind === "openapi" && typeof transport.document === "string";
  if (!server.url && transport.kind !== "stdio" && !documentAddress)
    problems.push({ path: "url", message: "Give its address" });
  return problems;
}

function transportOf({ transport, type, command, args, env }: Server): NonNullable<SettingsUpstream["transport"]> {
  if (typeof transport === "object") return transport;
  if (command !== undefined) return { kind: "stdio", command, args: args ?? [], env: env ?? {} };
  return { kind: (transport ?? type) === "sse" ? "sse" : "http" };
}

function upstreamOf(server: Server): SettingsUpstream {
  const { name, title, url, workspace, enabled, disabled, headers, auth, policy, pinning } = server;
  const transport = transportOf(server);
  const [header] = Object.entries(headers ?? {});
  const document = transport.kind === "openapi" && typeof transport.document === "string" ? transport.document : "";
  return {
    name,
    title: title ?? name,
    url: transport.kind === "stdio" ? commandLine(transport) : (url ?? document),
    source: "environment",
    workspaceId: workspace ?? null,
    enabled: enabled ?? !disabled,
    transport,
    auth: auth ?? (header ? { kind: "header", header: header[0], value: header[1] } : { kind: "none" }),
    ...(policy && { policy }),
    ...(pinning && { pinning }),
  };
}
