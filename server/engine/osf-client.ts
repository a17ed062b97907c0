import type { CallOp } from "#server/engine/contract.ts";
import type { EngineKit, EngineOptions } from "#server/engine/engine-types.ts";
import type { FlowNode } from "#server/engine/node.ts";

/**
 * `RED.settings.osf` of the engine: what nodes ask for goes to the host as a call of the step that they work on. The shapes
 * of args and answers are those of osf-client.d.ts in the package of the nodes; the host checks them.
 */
export function createOsfClient(kit: EngineKit, options: Pick<EngineOptions, "runCode" | "checkUrl">) {
  const ask = (op: CallOp, args: unknown): Promise<unknown> => {
    const frame = kit.currentFrame();
    if (!frame) return Promise.reject(new Error("Only a node that works on a message can ask for this"));
    return kit.call(frame, op, args);
  };
  return {
    host: "engine" as const,
    tool: {
      list: (_node: FlowNode | null, filter: object = {}) => ask("tool.list", filter),
      call: (_node: FlowNode, name: string, args: unknown) => ask("tool.call", { name, args }),
    },
    llm: { complete: (_node: FlowNode, request: unknown) => ask("llm.complete", request) },
    agent: { run: (_node: FlowNode, request: unknown) => ask("agent.run", request) },
    flow: {
      run: (_node: FlowNode, request: unknown) => ask("flow.run", request),
      // for the editor's picker, which pods serve
      list: () => Promise.resolve([]),
    },
    approval: { request: (_node: FlowNode, request: unknown) => ask("approval.request", request) },
    code: {
      run: (node: FlowNode, request: { code: string; msg: Record<string, unknown>; timeoutMs: number }) => {
        const frame = kit.currentFrame();
        if (!options.runCode || !frame?.run)
          return Promise.reject(Object.assign(new Error("Code cannot be executed here"), { code: "code.unavailable" }));
        return options.runCode(node, request, frame, kit);
      },
    },
    /** Who sent the message that is worked on, and the key under which what it causes is known. */
    delivery: (node: FlowNode) => {
      const frame = kit.currentFrame();
      if (!frame?.run || !frame.step) return { key: `${node.id}/${kit.linkId()}`, from: null };
      const { run, step } = frame;
      const sender = step.sender === null ? undefined : run.plan.entry(step.sender);
      const from = sender && { id: sender.id, type: sender.type, ...(sender.name && { name: sender.name }) };
      return { key: `${run.id}/${step.seq}`, from: from ?? null };
    },
    http: { check: (url: string) => options.checkUrl?.(url) ?? Promise.resolve() },
    log(node: FlowNode, level: "info" | "warn" | "error", message: string, data?: unknown): void {
      const frame = kit.currentFrame();
      frame?.run?.event("log", { node: node.id, level, message, ...(data !== undefined && { data }) });
    },
  };
}
