import { z } from "zod";
import { FlowTool } from "./tool.schema.ts";

export { FlowTool, SetFlowTool } from "./tool.schema.ts";

/** A node as Node-RED's flow JSON has it. */
export const FlowNode = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  z: z.string().max(200).optional(),
  name: z.string().optional(),
  wires: z.array(z.array(z.string())).optional(),
});
export type FlowNode = z.infer<typeof FlowNode>;

export const FlowRef = z.strictObject({ id: z.string().max(64) });
export type FlowRef = z.infer<typeof FlowRef>;

/** Something about a flow that its author should know before it runs. */
export const FlowIssue = z.object({
  severity: z.enum(["error", "hint"]).meta({ description: "error: the engine will not run it" }),
  code: z.string().meta({ description: "Stable, for example flow.pod-only" }),
  node: z.string().nullable().meta({ description: "Id of the node; null: the flow as a whole" }),
  nodeName: z.string().nullable(),
  property: z.string().nullable(),
  message: z.string().meta({ description: "What is wrong and what to do" }),
});
export type FlowIssue = z.infer<typeof FlowIssue>;

/** Where a run can begin. */
export const FlowStart = z.object({
  node: z.string(),
  kind: z.enum(["inject", "http-in", "first"]),
  label: z.string(),
  method: z.string().optional(),
  path: z.string().optional(),
});
export type FlowStart = z.infer<typeof FlowStart>;

export const FlowView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  disabled: z.boolean(),
  tabId: z.string().meta({ description: "Id of the tab in Node-RED" }),
  ownerId: z.string(),
  ownerName: z.string(),
  mine: z.boolean().meta({ description: "Whether it is in the caller's own editor" }),
  revision: z.number().meta({ description: "Revision of the document that changed it last" }),
  nodeCount: z.number(),
  tool: FlowTool.nullable().meta({ description: "What it is as a tool, where its owner made it one" }),
  createdAt: z.date(),
  updatedAt: z.date(),
  lastRun: z
    .object({ id: z.string(), status: z.string(), createdAt: z.date(), endedAt: z.date().nullable() })
    .nullable(),
});
export type FlowView = z.infer<typeof FlowView>;

/** `{issues, starts}`: what the flow page and a program need to know before a run. */
export const FlowDetail = FlowView.extend({
  nodes: z
    .array(FlowNode)
    .meta({ description: "The tab with its groups, subflows and configuration nodes; no credentials" }),
  issues: z.array(FlowIssue),
  starts: z.array(FlowStart),
  endpoints: z.array(z.object({ method: z.string(), path: z.string(), url: z.string() })),
});
export type FlowDetail = z.infer<typeof FlowDetail>;

export const ListFlows = z.strictObject({
  search: z.string().max(200).optional(),
  mine: z.stringbool().or(z.boolean()).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type ListFlows = z.infer<typeof ListFlows>;

const Nodes = z.array(FlowNode).max(5_000);
export const CreateFlow = z.strictObject({
  name: z.string().trim().min(1).max(120),
  description: z.string().max(2_000).optional(),
  nodes: Nodes.meta({
    description: "Node-RED's export format. Ids that the editor's document has already are given new ones",
  }),
});
export type CreateFlow = z.infer<typeof CreateFlow>;

export const UpdateFlow = z.strictObject({
  name: z.string().trim().min(1).max(120).optional(),
  description: z.string().max(2_000).optional(),
  disabled: z.boolean().optional(),
  nodes: Nodes.optional().meta({ description: "Replaces the tab's nodes" }),
  revision: z
    .number()
    .int()
    .optional()
    .meta({ description: "The revision that the change was made on; another one answers 409" }),
});
export type UpdateFlow = z.infer<typeof UpdateFlow>;

export const RunFlow = z.strictObject({
  input: z.unknown().optional().meta({ description: "Becomes msg.payload of the first message" }),
  start: z.string().max(200).optional().meta({ description: "Id of the inject or http-in node; default: the first" }),
  mode: z.literal("full").optional().meta({ description: "Every node does what it does" }),
});
export type RunFlow = z.infer<typeof RunFlow>;
export const FlowStarted = z.object({ run_id: z.string(), status: z.string() });

export const FlowVersion = z.object({
  revision: z.number(),
  source: z.string(),
  authorName: z.string().nullable(),
  createdAt: z.date(),
});
export type FlowVersion = z.infer<typeof FlowVersion>;

export const ListVersions = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(20).optional(),
});
export const VersionRef = z.strictObject({
  id: z.string().max(64),
  revision: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
});

/** Without nodes: the flow as it is stored. */
export const ValidateFlow = z.strictObject({ nodes: Nodes.optional() });
export const Validation = z.object({
  valid: z.boolean().meta({ description: "Whether the engine runs it" }),
  issues: z.array(FlowIssue),
  starts: z.array(FlowStart),
});
