import { z } from "zod";

/** Names that the gateway's own tools have, or may come to have: no flow takes them. */
const RESERVED =
  /^(?:mcp-.*|run_code|list_flows|run_flow|get_run|respond_to_approval|(?:list|get|execute|start|clear|install|backup|restore|migrate|set|validate)_(?:available_agents|agent\w*|agents|interactive_session|storage|environment|system_config|conductor_system))$/;

/**
 * What a flow is as a tool: its name stands for itself, without a server, and has no dot, so that it is no upstream's
 * (see names.ts of the gateway); it is unique in the workspace.
 */
export const FlowTool = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, "A small letter, then small letters, digits, - and _; 63 characters at most")
    .refine((name) => !RESERVED.test(name), "A tool of the gateway itself has this name"),
  description: z.string().trim().min(1, "Say what it does and when to use it: models choose it by this").max(1_000),
  inputSchema: z
    .looseObject({ type: z.literal("object", { error: `Must be a JSON Schema of an object: "type": "object"` }) })
    .default({ type: "object", properties: {} })
    .meta({ description: "JSON Schema of the arguments, which become msg.payload" }),
  class: z.enum(["read", "write", "dangerous"]).meta({
    description: "What a run of it may do. Starting it takes the right to run the flow in any case",
  }),
});
export type FlowTool = z.infer<typeof FlowTool>;

export const SetFlowTool = z.strictObject({ id: z.string().max(64), tool: FlowTool.nullable() });
