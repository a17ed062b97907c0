import { z } from "zod";
import { FlowNode } from "../flows/schema.ts";

/** A delivery of a message to a node of a flow. */
export const RunStepView = z.object({
  seq: z.number().int().meta({ description: "1, 2, 3 … in the order in which messages were sent" }),
  node: z.string(),
  type: z.string(),
  name: z.string().nullable(),
  from: z.number().nullable().meta({ description: "The step that sent the message; null: it started the run" }),
  port: z.number().nullable().meta({ description: "Output of that step; -1: not by a wire" }),
  status: z.enum(["queued", "running", "done", "failed", "dropped"]),
  statusText: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  at: z.date(),
  startedAt: z.date().nullable(),
  durationMs: z.number().nullable(),
  inputPreview: z.string().meta({ description: "The message's first characters as JSON" }),
  inputSize: z.number(),
});
export type RunStepView = z.infer<typeof RunStepView>;

export const RunStepDetail = RunStepView.extend({
  input: z.unknown(),
  outputs: z
    .array(
      z.object({
        port: z.number(),
        to: z.number().nullable().meta({ description: "The step that got it; null: no wire" }),
        node: z.string().nullable(),
        msg: z.unknown(),
      }),
    )
    .meta({ description: "The first hundred" }),
  calls: z.array(
    z.object({
      n: z.number(),
      op: z.string(),
      args: z.unknown(),
      state: z.enum(["begun", "done", "failed"]),
      result: z.unknown(),
      at: z.date(),
    }),
  ),
});
export type RunStepDetail = z.infer<typeof RunStepDetail>;

export const StepsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: "Number of the last step already seen" }),
  cursor: z.coerce.number().int().min(0).optional().meta({ description: "`nextCursor` of the page before" }),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
export const ListSteps = z.strictObject({
  id: z.string().max(64),
  after: z.coerce.number().int().min(0).default(0).meta({ description: "Number of the last step already seen" }),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
export const StepRef = z.strictObject({ id: z.string().max(64), seq: z.coerce.number().int().min(1) });

export const RetryRun = z.strictObject({
  from: z.string().max(64).default("start").meta({ description: "start: from the beginning" }),
  input: z.unknown().optional().meta({ description: "Instead of what the run was begun with: msg.payload" }),
  withoutInput: z.literal(true).optional().meta({ description: "With nothing: the start makes its own message" }),
});
export type RetryRun = z.infer<typeof RetryRun>;

/** The flow that a run executed, at the revision that it executed. */
export const RunGraph = z.object({
  flowId: z.string(),
  flowName: z.string(),
  tabId: z.string(),
  revision: z.number(),
  nodes: z.array(FlowNode).meta({ description: "Node-RED's format; no credentials" }),
});
export type RunGraph = z.infer<typeof RunGraph>;

/** What the event `steps` carries: what changed of each, `{steps: StepChange[]}`. */
export const StepChange = z.object({
  seq: z.number(),
  node: z.string(),
  from: z.number().nullable(),
  port: z.number().nullable(),
  status: z.enum(["queued", "running", "done", "failed", "dropped"]),
  at: z.number(),
  startedAt: z.number().optional(),
  durationMs: z.number().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  statusText: z.string().optional(),
});
export type StepChange = z.infer<typeof StepChange>;
