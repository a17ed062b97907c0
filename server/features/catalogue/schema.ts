import { z } from "zod";
import type { UpstreamTransport } from "../../kernel/upstream.schema.ts";

const JsonObject = z.record(z.string(), z.unknown());
const name = z.string().min(1).max(64).meta({ description: "Of an entry of the catalogue, or of a registered server" });
const kind = z.enum(["http", "sse", "stdio", "openapi", "service"] satisfies z.output<
  typeof UpstreamTransport
>["kind"][]);

export const FindServers = z.strictObject({
  query: z.string().max(500).default("").meta({ description: "Words; empty: all" }),
  tag: z.string().max(64).optional(),
  limit: z.number().int().min(1).max(200).default(20),
});
export type FindServers = z.output<typeof FindServers>;

/** A JSON Schema of flat values, for a form. */
const ConfigSchema = JsonObject.meta({ description: "JSON Schema of the values, flat" });
const SecretField = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  set: z.boolean().meta({ description: "Whether the workspace has a secret of this name" }),
});

export const FoundTool = z.object({
  name: z.string().meta({ description: "`<server>.<tool>`" }),
  title: z.string(),
  description: z.string(),
  inputSchema: JsonObject,
  class: z.enum(["read", "write", "dangerous"]),
});
export type FoundTool = z.output<typeof FoundTool>;

export const FoundServer = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  transport: kind,
  /** Empty for one that is not of the catalogue. */
  homepage: z.string().optional(),
  publisher: z.string().optional(),
  auth: z.enum(["none", "bearer", "header", "oauth-client", "oauth-user"]).optional(),
  catalogue: z.boolean().meta({ description: "Whether the catalogue has it; others are registered only" }),
  registered: z.boolean().meta({ description: "Whether the workspace has it" }),
  active: z.boolean().meta({ description: "Whether the caller has it: it is everybody's, or they activated it" }),
  state: z.enum(["ok", "connecting", "down", "disabled"]).optional(),
  activate: z.enum(["editor", "admin", "owner"]).meta({ description: "Who may activate it" }),
  mayActivate: z.boolean(),
  config: ConfigSchema.optional(),
  secrets: z.array(SecretField),
  /** Those that fit the query, best first. */
  tools: z.array(FoundTool),
  score: z.number(),
});
export type FoundServer = z.output<typeof FoundServer>;

export const AddServer = z.strictObject({
  name,
  activate: z.boolean().default(true).meta({ description: "False: it is registered for the workspace and no more" }),
  config: JsonObject.default({}),
});
export type AddServer = z.output<typeof AddServer>;

export const ConfigureServer = z.strictObject({ name, config: JsonObject });
export type ConfigureServer = z.output<typeof ConfigureServer>;

export const ServerRef = z.strictObject({ name });
export type ServerRef = z.output<typeof ServerRef>;

const Wrong = z.object({ path: z.string(), message: z.string() });

export const AddResult = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("active"),
    server: z.string(),
    state: z.enum(["ok", "connecting", "down", "disabled"]),
    problem: z.string().optional(),
    tools: z.number().int(),
    activated: z.boolean().meta({ description: "False where it was only registered" }),
    /** Path of ours where the person gives their consent, for servers that each person signs in to. */
    connect: z.string().optional(),
  }),
  z.object({
    status: z.literal("config_required"),
    server: z.string(),
    title: z.string(),
    schema: ConfigSchema,
    values: JsonObject.meta({ description: "What is already known" }),
    wrong: z.array(Wrong),
  }),
  z.object({
    status: z.literal("secrets_required"),
    server: z.string(),
    title: z.string(),
    names: z.array(z.string()).meta({ description: "Secrets that the workspace lacks" }),
    secrets: z.array(SecretField),
  }),
  z.object({
    status: z.literal("approval_required"),
    server: z.string(),
    title: z.string(),
    needs: z.enum(["editor", "admin", "owner"]),
    message: z.string(),
  }),
]);
export type AddResult = z.output<typeof AddResult>;

export const RemoveResult = z.object({
  status: z
    .enum(["removed", "deactivated"])
    .meta({ description: "`deactivated`: others of the workspace still have it" }),
  server: z.string(),
});
export type RemoveResult = z.output<typeof RemoveResult>;

export const ActiveServer = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(["ok", "connecting", "down", "disabled"]),
  problem: z.string().optional(),
  own: z.boolean().meta({ description: "Whether the caller activated it and may remove it again" }),
  tools: z.array(z.string()).meta({ description: "`<server>.<tool>`" }),
});
export type ActiveServer = z.output<typeof ActiveServer>;
