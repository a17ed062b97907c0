import { z } from "zod";

export const ApprovalOption = z.object({
  value: z.string(),
  label: z.string(),
  style: z.enum(["primary", "danger", "default"]).optional(),
});
export type ApprovalOption = z.infer<typeof ApprovalOption>;

export const ApprovalField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum(["text", "number", "boolean", "select", "textarea"]),
  required: z.boolean().optional(),
  options: z.array(z.string()).optional(),
  default: z.unknown().optional(),
});
export type ApprovalField = z.infer<typeof ApprovalField>;

export const ApprovalStatus = z.enum(["open", "decided", "expired", "cancelled"]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;
export const ApprovalView = z.object({
  id: z.string(),
  kind: z.enum(["question", "decision", "tool"]).meta({
    description:
      "question: a flow asks; decision: an effect was under way when the server died, and somebody must say whether to repeat it; tool: whether the call in `detail` may be made, once, with exactly these arguments",
  }),
  title: z.string(),
  question: z.string(),
  detail: z.unknown(),
  options: z.array(ApprovalOption),
  form: z.array(ApprovalField),
  status: ApprovalStatus,
  runId: z.string().nullable(),
  stepSeq: z.number().nullable(),
  flowId: z.string().nullable(),
  flowName: z.string().nullable(),
  starterName: z.string().nullable(),
  tool: z.string().nullable().meta({ description: "Of kind tool: `<server>.<tool>`" }),
  usedAt: z.date().nullable().meta({ description: "Of kind tool: when the call was made, or refused" }),
  required: z.number(),
  votes: z.array(z.object({ userName: z.string(), option: z.string(), at: z.date() })),
  decision: z.string().nullable(),
  values: z.record(z.string(), z.unknown()).nullable(),
  comment: z.string().nullable(),
  decidedByName: z.string().nullable(),
  decidedAt: z.date().nullable(),
  expiresAt: z.date().nullable(),
  defaultOption: z.string().nullable(),
  createdAt: z.date(),
  mayRespond: z.boolean().meta({ description: "Whether the caller may answer" }),
  whyNot: z.string().nullable(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

export const ListApprovals = z.strictObject({
  box: z.enum(["mine", "team", "past"]).default("team").meta({
    description:
      "mine: open and for the caller to answer; team: all open ones of the workspace; past: decided, expired, cancelled",
  }),
  runId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type ListApprovals = z.infer<typeof ListApprovals>;

export const ApprovalRef = z.strictObject({ id: z.string().max(64) });
export const Respond = z.strictObject({
  decision: z.string().max(200),
  values: z.record(z.string(), z.unknown()).optional(),
  comment: z.string().max(2_000).optional(),
});
export type Respond = z.infer<typeof Respond>;

/** To the one open approval of a run. */
export const RespondToRun = z
  .strictObject({
    decision: z.string().max(200).optional(),
    response: z.string().max(200).optional().meta({ description: "The same as decision" }),
    values: z.record(z.string(), z.unknown()).optional(),
    comment: z.string().max(2_000).optional(),
    approval: z.string().max(64).optional().meta({ description: "Its id, where more than one is open" }),
  })
  .refine(({ decision, response }) => decision !== undefined || response !== undefined, {
    message: "Say which option is chosen",
    path: ["decision"],
  });
export type RespondToRun = z.infer<typeof RespondToRun>;
