import { z } from "zod";

export const AuditOutcome = z.enum(["ok", "refused", "failed"]);

export const AuditFilter = z.strictObject({
  search: z.string().trim().max(200).optional().meta({
    description: "In the action, what it was done to, the person's name or the run; letters big or small",
  }),
  action: z.string().max(100).optional().meta({ description: "`tool.call`, or `tool.` for all that begin so" }),
  outcome: AuditOutcome.optional(),
  userId: z.string().max(64).optional(),
  runId: z.string().max(64).optional(),
  from: z.coerce.date().optional().meta({ type: "string", format: "date-time" }),
  until: z.coerce.date().optional().meta({ type: "string", format: "date-time" }),
  scope: z.enum(["workspace", "all"]).default("workspace").meta({
    description: "all: every workspace's and the installation's own; needs the platform's owner",
  }),
});
export type AuditFilter = z.output<typeof AuditFilter>;

export const ListAudit = AuditFilter.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type ListAudit = z.output<typeof ListAudit>;

export const ExportAudit = AuditFilter.extend({ format: z.enum(["csv", "jsonl"]).default("csv") });
export type ExportAudit = z.output<typeof ExportAudit>;

export const AuditEntryView = z.object({
  id: z.string(),
  at: z.date().meta({ type: "string", format: "date-time" }),
  workspaceId: z.string().nullable(),
  userId: z.string().nullable(),
  actor: z.unknown().meta({ description: "Who it was then: name, role, and through what (`via`)" }),
  action: z.string(),
  subject: z.string().nullable(),
  runId: z.string().nullable(),
  outcome: AuditOutcome,
  durationMs: z.number().nullable(),
  detail: z.unknown(),
  seq: z.string().nullable().meta({ description: "Its place in the chain; null: not linked yet" }),
  hash: z.string().nullable(),
});
export type AuditEntryView = z.output<typeof AuditEntryView>;

export const AuditVerdict = z.object({
  ok: z.boolean(),
  entries: z.number().meta({ description: "Linked entries that were found as they were written" }),
  removed: z.string().meta({ description: "How many before them retention has removed" }),
  head: z.object({ seq: z.string(), hash: z.string() }).meta({
    description: "How far the chain is sound. Note it elsewhere, and give it to the command the next time",
  }),
  broken: z
    .object({
      seq: z.string(),
      id: z.string().nullable(),
      why: z.enum(["hash", "gap", "head"]),
      message: z.string(),
    })
    .nullable()
    .meta({ description: "The first break" }),
  unlinked: z.number(),
  late: z.number().meta({ description: "Entries that are older than a minute and not linked: no worker runs" }),
  checkedAt: z.date().meta({ type: "string", format: "date-time" }),
});
export type AuditVerdict = z.output<typeof AuditVerdict>;
