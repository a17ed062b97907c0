import { z } from "zod";

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,31}$/,
    "A small letter first, then small letters, digits, _ and -; at most 32 in all: it begins each of its tools' names",
  )
  .meta({ description: "First part of the names of its tools: `<name>.<tool>`" });
const title = z
  .string()
  .trim()
  .min(1, "Give the server a title")
  .max(80, "At most 80 characters")
  .regex(/^[^\p{Cc}]*$/u, "Control characters are not allowed");
const url = z
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
  }, "Leave out the user name and the password: the address is shown to others")
  .meta({ description: "Address of its MCP endpoint (Streamable HTTP)" });

export const CreateUpstream = z.strictObject({
  name,
  title,
  url,
  scope: z
    .enum(["all", "workspace"])
    .default("all")
    .meta({ description: "For every workspace, or only for the one the caller is in" }),
  enabled: z.boolean().default(true),
});
export type CreateUpstream = z.output<typeof CreateUpstream>;

export const ChangeUpstream = z.strictObject({
  title: title.optional(),
  url: url.optional(),
  enabled: z.boolean().optional(),
});
export const UpdateUpstream = ChangeUpstream.extend({ id: z.string().min(1).max(64) });
export type UpdateUpstream = z.output<typeof UpdateUpstream>;

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
  serverVersion: z.string().optional(),
  tools: z.number().int().meta({ description: "How many" }),
  latencyMs: z.number().optional().meta({ description: "Of the last call or check" }),
  checkedAt: z.date().optional().meta({ type: "string", format: "date-time" }),
});
export type UpstreamView = z.output<typeof UpstreamView>;

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
