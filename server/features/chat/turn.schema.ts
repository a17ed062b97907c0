import { z } from "zod";
import { CallForm } from "./forms.schema.ts";

export const TextPart = z.object({ type: z.literal("text"), text: z.string() });
/** Whether the call may be made is for a person to say. */
export const CallApproval = z.object({
  approvalId: z.string(),
  state: z.enum(["open", "approved", "refused", "expired", "withdrawn"]),
  expiresAt: z.string().nullable().optional(),
  /** Who decided. */
  by: z.string().nullable().optional(),
  comment: z.string().optional(),
});
export type CallApproval = z.infer<typeof CallApproval>;
export const ToolPart = z.object({
  type: z.literal("tool"),
  callId: z.string(),
  name: z.string().meta({ description: "`<server>.<tool>`" }),
  title: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  state: z.enum(["running", "ok", "failed"]),
  /** What the tool answered: structured where it is, else text. */
  result: z.unknown(),
  durationMs: z.number().optional(),
  startedAt: z.date().optional(),
  approval: CallApproval.optional(),
  /** What was called by way of `mcp-exec`. */
  called: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }).optional(),
  /** What the person is to fill in before the call can be made. */
  form: CallForm.optional(),
  /** The run that the call is: of a flow, of code. */
  runId: z.string().optional(),
});
export const ErrorPart = z.object({ type: z.literal("error"), code: z.string(), message: z.string() });
export const MessagePart = z.discriminatedUnion("type", [TextPart, ToolPart, ErrorPart]);
export type TextPart = z.infer<typeof TextPart>;
export type ToolPart = z.infer<typeof ToolPart>;
export type MessagePart = z.infer<typeof MessagePart>;

export * from "./fold.schema.ts";
