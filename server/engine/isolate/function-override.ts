import type { Override } from "#server/engine/engine-types.ts";
import type { FlowNode, NodeConfig } from "#server/engine/node.ts";
import { startFunctionNode } from "#server/engine/isolate/function-node.ts";

/**
 * The `function` node of Node-RED, its code in an isolate. It behaves as 10-function.js does, but that:
 * messages and context values are copies, so changing a stored object without `set` changes nothing; functions do not
 * cross (`msg.res` keeps those that it had); modules (`libs`) are refused; On Start is executed once per plan, not in a
 * run, so what it sends goes nowhere; `console` writes to the log of the run; an error in On Start fails each message that
 * comes instead of swallowing it.
 */
export const functionNodeOverride: Override = (RED, kit) => {
  function FunctionNode(this: FlowNode, config: NodeConfig): void {
    RED.nodes.createNode(this, config);
    startFunctionNode(RED, kit, this, config);
  }
  RED.nodes.registerType("function", FunctionNode);
};
