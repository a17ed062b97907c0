import { z } from "zod";
import { FlowNode } from "../../flows/schema.ts";
import { ApprovalField, ApprovalOption } from "../../approvals/schema.ts";

/** What pods send to `/internal`. They are hostile until proven otherwise: everything is bounded. */
export const Exchange = z.strictObject({ id: z.string().max(64), secret: z.string().max(200) });
export const Exchanged = z.object({ token: z.string() });

const Anything = z.record(z.string(), z.unknown());
export const PodDocument = z.object({
  nodes: z.array(z.looseObject({ id: z.string() })),
  credentials: z.unknown(),
  revision: z.number(),
});
export const PutFlows = z.strictObject({
  nodes: z.array(FlowNode).max(20_000),
  credentials: z.unknown().optional().meta({ description: "As Node-RED encrypts them; absent: as they were" }),
  revision: z.number().int().nullable().meta({ description: "That the deploy was made on; another one answers 409" }),
});
export type PutFlows = z.infer<typeof PutFlows>;
export const PutCredentials = z.record(z.string(), z.unknown());
export const EditorSettings = Anything;

const LibraryPath = z.string().max(400);
export const LibraryRef = z.strictObject({ type: z.string().regex(/^[\w-]{1,60}$/), path: LibraryPath });
export type LibraryRef = z.infer<typeof LibraryRef>;
export const LibraryEntry = z.strictObject({
  type: z.string().regex(/^[\w-]{1,60}$/),
  path: LibraryPath,
  meta: Anything.default({}),
  body: z.unknown(),
});
export type LibraryEntry = z.infer<typeof LibraryEntry>;

const Tier = z.enum(["free", "premium"]);
export const LlmAsk = z.strictObject({
  system: z.string().max(200_000).optional(),
  prompt: z.string().min(1).max(400_000),
  tier: Tier.default("free"),
  model: z.string().max(200).optional(),
  temperature: z.number().min(0).max(2).default(0.3),
  json: z.boolean().default(false),
  maxTokens: z.number().int().min(1).max(100_000).optional(),
});
export type LlmAsk = z.infer<typeof LlmAsk>;
const Usage = z.object({ inputTokens: z.number(), outputTokens: z.number() });
export const LlmAnswer = z.object({
  text: z.string(),
  value: z.unknown().optional(),
  model: z.string(),
  usage: Usage,
});

export const ListTools = z.strictObject({ server: z.string().max(100).optional() });
export const PodTool = z.object({
  name: z.string(),
  server: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: Anything,
  class: z.enum(["read", "write", "destructive"]),
});
export const CallTool = z.strictObject({ name: z.string().max(200), args: Anything.default({}) });
export type CallTool = z.infer<typeof CallTool>;
export const ToolAnswer = z.object({
  failed: z.boolean(),
  value: z.unknown(),
  text: z.string(),
  durationMs: z.number(),
});

export const AgentAsk = z.strictObject({
  agent: z.string().max(200).optional(),
  instructions: z.string().max(100_000).optional(),
  tools: z.array(z.string().max(200)).max(100).default([]),
  input: z.string().max(400_000),
  context: z.unknown().optional(),
  iterations: z.number().int().min(1).max(10).default(6),
  tier: Tier.default("free"),
});
export type AgentAsk = z.infer<typeof AgentAsk>;
export const AgentAnswer = z.object({
  text: z.string(),
  calls: z.array(z.object({ tool: z.string(), args: z.unknown(), failed: z.boolean(), durationMs: z.number() })),
  usage: Usage,
});

export const RunOfFlow = z.strictObject({ payload: z.unknown(), wait: z.boolean().default(true) });
export const RunOutcome = z.object({ runId: z.string(), status: z.string(), output: z.unknown() });

export const AskApproval = z.strictObject({
  title: z.string().max(300),
  question: z.string().max(10_000),
  detail: z.unknown().optional(),
  options: z.array(ApprovalOption).max(20).optional(),
  form: z.array(ApprovalField).max(50).optional(),
  expiresIn: z.number().positive().optional(),
  defaultOption: z.string().max(200).optional(),
  approvers: z.array(z.string().max(320)).max(100).optional(),
  required: z.number().int().min(1).max(100).optional(),
  notByStarter: z.boolean().optional(),
  node: z
    .strictObject({ id: z.string().max(200), z: z.string().max(200).optional() })
    .optional()
    .meta({ description: "Who asks, to name the flow" }),
});
export type AskApproval = z.infer<typeof AskApproval>;
export const WaitApproval = z.strictObject({ wait: z.coerce.number().min(0).max(55).default(0) });

export const Activity = z.strictObject({
  busy: z.strictObject({
    runs: z.number().int().min(0).max(1e9),
    http: z.number().int().min(0).max(1e9),
    timers: z.number().int().min(0).max(1e9),
  }),
  activityAt: z.number(),
  memoryMb: z.number().int().min(0).max(1e6),
});
export type Activity = z.infer<typeof Activity>;
const Time = z.number().int().min(0).max(8.64e15);
const ExecutedStep = z.strictObject({
  node: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  name: z.string().max(500).nullable(),
  from: z.number().int().min(1).max(200).nullable().meta({ description: "Number of the step that sent the message" }),
  port: z.number().int().min(-1).max(1_000).nullable(),
  at: Time,
  durationMs: z.number().min(0).max(1e9),
  status: z.enum(["running", "done", "failed"]),
  error: z.string().max(500).nullable(),
  payload: z
    .unknown()
    .refine((payload) => (JSON.stringify(payload) ?? "").length <= 4_000, "At most 4,000 characters of JSON"),
});
/** Messages that went through flows of the pod. */
export const Executions = z.strictObject({
  executions: z
    .array(
      z.strictObject({
        tab: z.string().max(200).nullable(),
        startedAt: Time,
        endedAt: Time,
        steps: z.array(ExecutedStep).min(1).max(200),
      }),
    )
    .max(20),
});
export type Executions = z.infer<typeof Executions>;
export const Done = z.object({ ok: z.literal(true) });
export const Id = z.strictObject({ id: z.string().max(64) });
