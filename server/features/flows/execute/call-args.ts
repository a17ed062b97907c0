import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";

/** What nodes send along with a call; a runner is not trusted, so it is parsed. See osf-client.d.ts. */
export const ToolCallArgs = z.object({
  name: z.string().max(300),
  args: z.record(z.string(), z.unknown()).default({}),
});
export const ToolListArgs = z.object({ server: z.string().max(100).optional() }).default({});

const Tier = z.enum(["free", "premium"]).default("free");
export const LlmArgs = z.object({
  system: z.string().max(500_000).optional(),
  prompt: z.string().max(1_000_000),
  tier: Tier,
  model: z.string().max(200).optional(),
  temperature: z.number().min(0).max(2).default(0.3),
  json: z.boolean().default(false),
  maxTokens: z.number().int().min(1).max(1_000_000).optional(),
});
export type LlmArgs = z.output<typeof LlmArgs>;

export const AgentArgs = z.object({
  agent: z.string().max(200).optional(),
  instructions: z.string().max(100_000).optional(),
  tools: z.array(z.string().max(300)).max(200).default([]),
  input: z.string().max(1_000_000),
  context: z.unknown().optional(),
  iterations: z.number().int().min(1).max(10).default(6),
  tier: Tier,
});
export type AgentArgs = z.output<typeof AgentArgs>;

export const FlowRunArgs = z.object({
  flow: z.string().max(200),
  payload: z.unknown().optional(),
  wait: z.boolean().default(true),
});

/** What is asked is checked by the approvals themselves. */
export const ApprovalArgs = z.looseObject({ kind: z.enum(["question", "decision"]).default("question") });

export const HttpReplyArgs = z.looseObject({ statusCode: z.number().int().min(100).max(599).default(200) });

/** Throws `invalid` (`flow.call`) naming the field. */
export function parsedArgs<S extends z.ZodType>(schema: S, op: string, args: unknown): z.output<S> {
  const parsed = schema.safeParse(args ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    "invalid",
    "flow.call",
    `${op}: ${issue?.path.join(".") || "the request"}: ${issue?.message ?? "not valid"}`,
  );
}
