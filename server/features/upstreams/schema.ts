import { z } from "zod";
import {
  UpstreamAuth,
  UpstreamName,
  UpstreamPinning,
  UpstreamPolicy,
  UpstreamTitle,
  UpstreamTransport,
  UpstreamUrl,
} from "../../kernel/upstream.schema.ts";

const name = UpstreamName.meta({ description: "First part of the names of its tools: `<name>.<tool>`" });
const url = UpstreamUrl.meta({ description: "Address of its MCP endpoint, or of the service; not for stdio" });

const ONE_SECRET = /^\$\{[A-Z][A-Z0-9_]{0,63}\}$/;
const HOLDS_SECRET = /\$\{[A-Z][A-Z0-9_]{0,63}\}/;
const NAME_A_SECRET = "The name of a secret, such as ${ERP_TOKEN}: values are kept in the secrets of the workspace";

/** What a row may hold of an auth: names of secrets, never values. */
const auth = UpstreamAuth.superRefine((auth, { addIssue }) => {
  const want = (field: string, value: string | undefined, shape: RegExp) => {
    if (value !== undefined && !shape.test(value))
      addIssue({ code: "custom", path: [field], message: NAME_A_SECRET, input: "" });
  };
  if (auth.kind === "bearer") want("token", auth.token, ONE_SECRET);
  if (auth.kind === "header") want("value", auth.value, HOLDS_SECRET);
  if (auth.kind === "oauth-client") want("refreshToken", auth.refreshToken, ONE_SECRET);
  if (auth.kind === "oauth-client" || auth.kind === "oauth-user") want("clientSecret", auth.clientSecret, ONE_SECRET);
});

const SECRET_VARIABLE = /pass(word|phrase)?$|secret|token|credential|api_?key|private_?key/i;
const transport = UpstreamTransport.superRefine((transport, { addIssue }) => {
  if (transport.kind !== "stdio") return;
  for (const [variable, value] of Object.entries(transport.env))
    if (SECRET_VARIABLE.test(variable) && !HOLDS_SECRET.test(value))
      addIssue({ code: "custom", path: ["env", variable], message: NAME_A_SECRET, input: "" });
});

export const CreateUpstream = z
  .strictObject({
    name,
    title: UpstreamTitle,
    url: url.optional(),
    scope: z
      .enum(["all", "workspace"])
      .optional()
      .meta({ description: "For every workspace (the platform's owner alone; their default), or the caller's own" }),
    enabled: z.boolean().default(true),
    transport: transport.default({ kind: "http" }),
    auth: auth.default({ kind: "none" }),
    policy: UpstreamPolicy.default({}),
    pinning: UpstreamPinning.default("first-use"),
  })
  .superRefine(({ url, transport }, { addIssue }) => {
    if (url === undefined && transport.kind !== "stdio" && transport.kind !== "openapi")
      addIssue({ code: "custom", path: ["url"], message: "Give its address", input: "" });
  });
export type CreateUpstream = z.output<typeof CreateUpstream>;

export const ChangeUpstream = z.strictObject({
  title: UpstreamTitle.optional(),
  url: url.optional(),
  enabled: z.boolean().optional(),
  transport: transport.optional(),
  auth: auth.optional(),
  policy: UpstreamPolicy.optional().meta({ description: "As a whole: what it leaves out takes its default" }),
  pinning: UpstreamPinning.optional(),
});
export const UpdateUpstream = ChangeUpstream.extend({ id: z.string().min(1).max(64) });
export type UpdateUpstream = z.output<typeof UpdateUpstream>;

/** The whole definition, for whoever may change it. */
export const UpstreamDetails = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  url: z.string(),
  source: z.enum(["demo", "environment", "admin", "catalogue"]),
  scope: z.enum(["all", "workspace"]),
  enabled: z.boolean(),
  transport: UpstreamTransport,
  auth: UpstreamAuth.meta({ description: "Values that come with the settings read `[set]`" }),
  policy: UpstreamPolicy,
  pinning: UpstreamPinning,
  catalogueId: z.string().nullable(),
  editable: z.boolean().meta({ description: "Whether the caller may change it; false for those of the settings" }),
});
export type UpstreamDetails = z.output<typeof UpstreamDetails>;

export const UpstreamRef = z.strictObject({
  id: z.string().min(1).max(64).meta({ description: "Its id or its name" }),
});
export type UpstreamRef = z.output<typeof UpstreamRef>;

export const UpstreamView = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  url: z.string().meta({ description: "Without query, which may hold secrets" }),
  source: z
    .enum(["demo", "environment", "admin", "catalogue"])
    .meta({ description: "Those of `demo` and `environment` cannot be changed" }),
  transport: z.enum(["http", "sse", "stdio", "openapi", "service"]),
  workspaceId: z.string().nullable().meta({ description: "Null: for every workspace" }),
  enabled: z.boolean(),
  state: z.enum(["ok", "connecting", "down", "disabled"]),
  problem: z.string().optional().meta({ description: "Why it is down, for people" }),
  protocol: z.string().optional().meta({ description: "MCP revision in use" }),
  era: z.enum(["modern", "legacy"]).optional().meta({ description: "`modern`: 2026-07-28 and later" }),
  serverVersion: z.string().optional(),
  tools: z.number().int().meta({ description: "How many" }),
  latencyMs: z.number().optional().meta({ description: "Of the last call or check" }),
  checkedAt: z.date().optional().meta({ type: "string", format: "date-time" }),
});
export type UpstreamView = z.output<typeof UpstreamView>;

export const UpstreamLogLine = z.object({
  at: z.date().meta({ type: "string", format: "date-time" }),
  text: z.string(),
});

const words = { title: z.string().optional(), description: z.string().optional() };
export const OfferedResource = z.object({
  uri: z.string(),
  name: z.string(),
  ...words,
  mimeType: z.string().optional(),
});
export const OfferedTemplate = z.object({
  uriTemplate: z.string(),
  name: z.string(),
  ...words,
  mimeType: z.string().optional(),
});
export const OfferedPrompt = z.object({
  name: z.string(),
  ...words,
  arguments: z
    .array(z.object({ name: z.string(), description: z.string().optional(), required: z.boolean().optional() }))
    .optional(),
});
export const UpstreamOffer = z.object({
  instructions: z.string().optional().meta({ description: "What the server says about itself to models" }),
  resources: z.array(OfferedResource),
  templates: z.array(OfferedTemplate),
  prompts: z.array(OfferedPrompt),
});
export type UpstreamOffer = z.output<typeof UpstreamOffer>;

export const ListTools = z.strictObject({
  server: z.string().max(64).optional().meta({ description: "Only the tools of this server" }),
});
export type ListTools = z.output<typeof ListTools>;

const JsonObject = z.record(z.string(), z.unknown());

export const ToolView = z.object({
  name: z.string().meta({ description: "`<server>.<tool>`" }),
  server: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: JsonObject.meta({ description: "JSON Schema of the arguments" }),
  outputSchema: JsonObject.optional(),
  class: z.enum(["read", "write", "dangerous"]),
  repeatable: z.boolean().meta({ description: "A second call changes nothing more than the first" }),
});
export type ToolView = z.output<typeof ToolView>;

export const CallTool = z.strictObject({
  name: z.string().min(1).max(200),
  args: JsonObject.default({}),
});
export type CallTool = z.output<typeof CallTool>;

export const ToolResult = z.object({
  failed: z.boolean().meta({ description: "The tool itself says that it failed; the text says why" }),
  value: z.unknown(),
  text: z.string(),
  durationMs: z.number(),
});
export type ToolResult = z.output<typeof ToolResult>;
