import { z } from "zod";
import type {
  AgentAnswer,
  AgentRequest,
  ApprovalAnswer,
  ApprovalRequest,
  LlmAnswer,
  LlmRequest,
  OsfClient,
  OsfDelivery,
  OsfNode,
  ToolInfo,
} from "../osf-client.d.ts";

const Tier = z.enum(["free", "premium"]).optional();
const Llm = z.strictObject({
  system: z.string().min(1).optional(),
  prompt: z.string().min(1),
  tier: Tier,
  model: z.string().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  json: z.boolean().optional(),
  maxTokens: z.number().int().positive().optional(),
});
const Agent = z.strictObject({
  agent: z.string().min(1).optional(),
  instructions: z.string().min(1).optional(),
  tools: z.array(z.string().min(1)).optional(),
  input: z.string().min(1),
  context: z.json().optional(),
  iterations: z.number().int().min(1).max(10).optional(),
  tier: Tier,
});
const Approval = z.strictObject({
  title: z.string().min(1),
  question: z.string().min(1),
  detail: z.json().optional(),
  options: z
    .array(
      z.strictObject({
        value: z.string().min(1),
        label: z.string().min(1),
        style: z.enum(["primary", "danger", "default"]).optional(),
      }),
    )
    .min(1)
    .optional(),
  form: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        label: z.string().min(1),
        type: z.enum(["text", "number", "boolean", "select", "textarea"]),
        required: z.boolean().optional(),
        options: z.array(z.string()).optional(),
        default: z.json().optional(),
      }),
    )
    .optional(),
  expiresIn: z.number().int().positive().optional(),
  defaultOption: z.string().min(1).optional(),
  approvers: z.array(z.string().min(1)).optional(),
  required: z.number().int().min(1).optional(),
  notByStarter: z.boolean().optional(),
});
const Flow = z.strictObject({ flow: z.string().min(1), payload: z.unknown(), wait: z.boolean().optional() });
const Code = z.strictObject({
  code: z.string().min(1),
  msg: z.record(z.string(), z.unknown()),
  timeoutMs: z.number().int().min(1).max(600_000),
});
const Args = z.record(z.string(), z.json());
const Caller = z.looseObject({ id: z.string().min(1), type: z.string().min(1) });

/** What a test lets the host answer; what is not scripted is refused. Thrown errors are the host's refusals. */
export interface Script {
  llm?: (request: LlmRequest, n: number) => Partial<LlmAnswer> | Promise<Partial<LlmAnswer>>;
  agent?: (request: AgentRequest) => Partial<AgentAnswer>;
  approval?: (request: ApprovalRequest) => Partial<ApprovalAnswer>;
  flow?: (request: { flow: string; payload: unknown; wait?: boolean }) => { status: string; output?: unknown };
  tool?: (name: string, args: Record<string, unknown>) => { failed?: boolean; value?: unknown; text?: string };
  code?: (request: { code: string; msg: Record<string, unknown>; timeoutMs: number }) => unknown;
  tools?: ToolInfo[];
  flows?: { id: string; name: string }[];
  /** Refuses an address by throwing. */
  check?: (url: string) => void;
  delivery?: (node: OsfNode) => OsfDelivery;
}

/** An error as hosts reject with. */
export const refusal = (code: string, message: string) => Object.assign(new Error(message), { code });

/**
 * A host that answers from a script, and is as strict as a real one: requests of another shape are refused, and what goes
 * in and out is copied as JSON, because it crosses a process boundary there.
 */
export function scriptedOsf(script: Script): OsfClient & { calls: { op: string; node: string; request: unknown }[] } {
  const calls: { op: string; node: string; request: unknown }[] = [];
  const ask = async <In, Out>(
    op: string,
    node: OsfNode,
    schema: z.ZodType<In>,
    request: unknown,
    answer: (request: In) => Out | Promise<Out>,
  ) => {
    const caller = Caller.parse(node);
    const asked = schema.safeParse(request);
    if (!asked.success) throw refusal("osf.request", `${op}: ${z.prettifyError(asked.error)}`);
    calls.push({ op, node: caller.id, request: asJson(request) });
    return asJson(await answer(request as In)); // the schema has just said so
  };
  const scripted = <T>(one: T | undefined, op: string): T => {
    if (one === undefined) throw refusal("test.not-scripted", `The test did not expect ${op}.`);
    return one;
  };
  const usage = { inputTokens: 10, outputTokens: 5 };
  const osf: OsfClient = {
    host: "pod",
    llm: {
      complete: (node, request) =>
        ask("llm", node, Llm, request, async (one) => {
          const n = calls.filter((call) => call.op === "llm").length;
          return { text: "", model: "scripted", usage, ...(await scripted(script.llm, "llm")(one as LlmRequest, n)) };
        }),
    },
    agent: {
      run: (node, request) =>
        ask("agent", node, Agent, request, (one) => {
          if ((one.agent === undefined) === (one.instructions === undefined))
            throw refusal("osf.request", "agent: either an agent or instructions");
          return { text: "", calls: [], usage, ...scripted(script.agent, "agent")(one as AgentRequest) };
        }),
    },
    approval: {
      request: (node, request) =>
        ask("approval", node, Approval, request, (one) => ({
          id: "apr_1",
          decision: "approve",
          values: {},
          by: { id: "usr_1", name: "Ana" },
          at: "2026-01-02T03:04:05.000Z",
          ...scripted(script.approval, "approval")(one as ApprovalRequest),
        })),
    },
    flow: {
      run: (node, request) =>
        ask("flow", node, Flow, request, (one) => ({
          runId: "run_2",
          output: null,
          ...scripted(script.flow, "flow")(one as { flow: string; payload: unknown }),
        })),
      list: async () => asJson(scripted(script.flows, "flow.list")),
    },
    tool: {
      list: async (_node, filter) =>
        asJson(scripted(script.tools, "tool.list").filter(({ server }) => !filter?.server || server === filter.server)),
      call: (node, name, args) =>
        ask(
          "tool",
          node,
          z.strictObject({ name: z.string().regex(/^[\w-]+\.[\w-]+$/), args: Args }),
          { name, args },
          () => ({
            failed: false,
            value: null,
            text: "",
            durationMs: 12.4,
            ...scripted(script.tool, "tool")(name, args),
          }),
        ),
    },
    code: { run: (node, request) => ask("code", node, Code, request, scripted(script.code, "code") as never) }, // the schema checks it
    http: { check: async (url) => script.check?.(url) },
    log: () => {},
    ...(script.delivery ? { delivery: script.delivery } : {}),
  };
  return Object.assign(osf, { calls });
}

/** As between processes: what JSON does not know is lost. */
const asJson = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));
