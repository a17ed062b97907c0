import { z } from "zod";
import { RUN_KINDS, RUN_STATUSES } from "./values.schema.ts";

export * from "./values.schema.ts";

export const RunKind = z.enum(RUN_KINDS);
export type RunKind = z.infer<typeof RunKind>;
export const RunStatus = z.enum(RUN_STATUSES);
export type RunStatus = z.infer<typeof RunStatus>;

export const RunUsage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  modelCalls: z.number(),
  toolCalls: z.number(),
});
export type RunUsage = z.infer<typeof RunUsage>;
export const RunError = z.object({ code: z.string(), message: z.string() });
export type RunError = z.infer<typeof RunError>;

export const RunView = z.object({
  id: z.string(),
  workspaceId: z.string(),
  kind: RunKind,
  title: z.string(),
  status: RunStatus,
  trigger: z.string(),
  subjectId: z.string().nullable(),
  userId: z.string().nullable(),
  actorName: z.string(),
  attempt: z.number().meta({ description: "How often a worker took it up; above 1: it survived a crash or a restart" }),
  error: RunError.nullable(),
  usage: RunUsage.nullable(),
  lastSeq: z.number().meta({ description: "Number of the last event" }),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
});
export type RunView = z.infer<typeof RunView>;

export const RunDetail = RunView.extend({
  parentRunId: z.string().nullable().meta({ description: "The run that started this one: a flow that calls a flow" }),
  input: z.unknown(),
  output: z.unknown(),
});
export type RunDetail = z.infer<typeof RunDetail>;

export const RunEventView = z.object({
  seq: z.number().int().meta({ description: "1, 2, 3 … without gaps within a run" }),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  at: z.date(),
});
export type RunEventView = z.infer<typeof RunEventView>;

export const RunRef = z.strictObject({ id: z.string().max(64) });
export type RunRef = z.infer<typeof RunRef>;

export const RunFilter = z.strictObject({
  kind: RunKind.optional(),
  status: RunStatus.optional(),
  search: z.string().max(200).optional().meta({ description: "Part of the title" }),
  subjectId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type RunFilter = z.infer<typeof RunFilter>;

/** Without the search: titles of other people's chats are not for searching either. */
export const AdminRunFilter = RunFilter.omit({ search: true });

export const EventsAfter = z.strictObject({
  id: z.string().max(64),
  after: z.coerce.number().int().min(0).default(0).meta({ description: "Number of the last event already seen" }),
});
