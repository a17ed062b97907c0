import { z } from "zod";
import { ROLES } from "./permissions.ts";

/** Pages beside those of servers: /servers/<name>, /connections/<name>. */
const PAGES = new Set(["catalogue", "quarantine", "connect", "callback"]);

/**
 * How an upstream of the gateway is written down, be it by the environment, a page or a program
 * (`UpstreamDefinition` of server/mcp/definition.ts is what it becomes). In the kernel, because the launcher, which
 * loads nothing else of the gateway, reads the environment's with it.
 */
export const UpstreamName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,31}$/,
    "A small letter first, then small letters, digits, _ and -; at most 32 in all: it begins each of its tools' names",
  )
  .refine((name) => !PAGES.has(name), "This name is that of a page; choose another, such as with -server behind it");

export const UpstreamTitle = z
  .string()
  .trim()
  .min(1, "Give the server a title")
  .max(80, "At most 80 characters")
  .regex(/^[^\p{Cc}]*$/u, "Control characters are not allowed");

export const UpstreamUrl = z
  .string()
  .trim()
  .max(2_000, "At most 2,000 characters")
  .refine(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""),
    "An http:// or https:// address, for example http://wms.local:8022/mcp",
  )
  .refine((text) => {
    const parsed = URL.parse(text);
    return !parsed || (!parsed.username && !parsed.password);
  }, "Leave out the user name and the password: the address is shown to others");

const JsonObject = z.record(z.string(), z.unknown());
const text = z.string().min(1).max(4_000);

export const ServiceOperation = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.\-/]{1,128}$/, "Letters, digits, _ . - and /, at most 128: it is part of the address")
    .refine((name) => !name.split("/").includes(".."), "Leave out `..`: it is part of the address"),
  title: z.string().max(200).exactOptional(),
  description: z.string().max(10_000).exactOptional(),
  inputSchema: JsonObject.default({ type: "object" }).meta({ description: "JSON Schema of the parameters" }),
  outputSchema: JsonObject.exactOptional(),
  annotations: z
    .strictObject({
      readOnlyHint: z.boolean().exactOptional(),
      destructiveHint: z.boolean().exactOptional(),
      idempotentHint: z.boolean().exactOptional(),
      openWorldHint: z.boolean().exactOptional(),
    })
    .exactOptional(),
});

export const UpstreamTransport = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("http") }).meta({ description: "MCP over Streamable HTTP" }),
  z.strictObject({ kind: z.literal("sse") }).meta({ description: "MCP over HTTP+SSE, as of 2024-11-05" }),
  z
    .strictObject({
      kind: z.literal("stdio"),
      command: z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^\p{Cc}]+$/u, "Control characters are not allowed")
        .meta({ description: "One of MCP_STDIO_COMMANDS" }),
      args: z.array(z.string().max(4_000)).max(100).default([]),
      env: z
        .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "A name of a variable"), z.string().max(10_000))
        .default({}),
    })
    .meta({ description: "MCP over the standard streams of a child process" }),
  z
    .strictObject({
      kind: z.literal("openapi"),
      document: z
        .union([z.string().min(1).max(2_000_000), JsonObject])
        .meta({ description: "OpenAPI 3.0 or 3.1: its address, or the document itself as JSON or YAML" }),
    })
    .meta({ description: "A plain HTTP service; each operation of its document is a tool" }),
  z.strictObject({ kind: z.literal("service"), operations: z.array(ServiceOperation).max(500).default([]) }).meta({
    description:
      "A plain HTTP service: POST {url}/api/{operation}. Without operations its definition is asked for at {url}/api/definition",
  }),
]);

export const UpstreamAuth = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("bearer"), token: text }),
  z.strictObject({
    kind: z.literal("header"),
    header: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "The name of a header"),
    value: text,
  }),
  z.strictObject({
    kind: z.literal("oauth-client"),
    clientId: text,
    clientSecret: text.exactOptional(),
    scopes: z.array(z.string().min(1).max(200)).max(50).exactOptional(),
    tokenEndpoint: UpstreamUrl.exactOptional(),
    refreshToken: text.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("oauth-user"),
    clientId: text.exactOptional(),
    clientSecret: text.exactOptional(),
    scopes: z.array(z.string().min(1).max(200)).max(50).exactOptional(),
  }),
]);

const whole = (min: number, max: number) => z.number().int().min(min).max(max);

export const UpstreamPolicy = z.strictObject({
  timeoutMs: whole(100, 600_000).exactOptional(),
  concurrency: whole(1, 1_000).exactOptional(),
  rate: z
    .strictObject({
      requestsPerMinute: whole(1, 1_000_000),
      burst: whole(1, 100_000),
      queue: whole(0, 10_000).default(100),
      queueMs: whole(0, 600_000).default(10_000),
    })
    .exactOptional(),
  callerRate: z.strictObject({ requestsPerMinute: whole(1, 1_000_000), burst: whole(1, 100_000) }).exactOptional(),
  breaker: z
    .strictObject({
      failureThreshold: whole(1, 1_000),
      recoveryMs: whole(10, 3_600_000),
      halfOpenMaxCalls: whole(1, 100),
    })
    .exactOptional(),
  retry: z
    .strictObject({
      backoff: z.enum(["exponential", "linear"]),
      initialDelayMs: whole(1, 60_000),
      maxDelayMs: whole(1, 600_000),
      maxAttempts: whole(1, 10),
    })
    .exactOptional(),
  roles: z.array(z.enum(ROLES)).max(ROLES.length).exactOptional(),
  approval: z.enum(["never", "dangerous", "writes"]).exactOptional(),
  privateNetwork: z.boolean().exactOptional(),
});

export const UpstreamPinning = z.enum(["first-use", "approve", "off"]);

/** What people see as its address where it has none. */
export const commandLine = ({ command, args }: { command: string; args: string[] }): string =>
  [command, ...args].join(" ").slice(0, 2_000);

/** An upstream that comes with the start. Its auth may hold values of the environment: no view shows it. */
export interface SettingsUpstream {
  name: string;
  title: string;
  url: string;
  source: "demo" | "environment";
  workspaceId?: string | null;
  enabled?: boolean;
  transport?: z.output<typeof UpstreamTransport>;
  auth?: z.output<typeof UpstreamAuth>;
  policy?: z.output<typeof UpstreamPolicy>;
  pinning?: z.output<typeof UpstreamPinning>;
}
