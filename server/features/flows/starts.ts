import type { NodeDef } from "#server/engine/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import { DRAWN_ONLY, ENGINE_TYPES } from "./node-types.ts";
import type { FlowStart } from "./schema.ts";
import { endpointsOf } from "./sync-flows.ts";

/** Nodes of a tab that take part: not switched off, and neither drawn only nor configuration. */
export const activeNodes = (nodes: readonly NodeDef[], tabId: string): NodeDef[] =>
  nodes.filter(
    (node) =>
      node.z === tabId &&
      node.d !== true &&
      !DRAWN_ONLY.has(node.type) &&
      ENGINE_TYPES[node.type] !== "config" &&
      ENGINE_TYPES[node.type] !== "note",
  );

/**
 * Where a run of a flow can begin: its inject nodes, its `http in` nodes, and, where there are neither, what nothing
 * leads to. In the order in which the editor keeps them; injects first.
 */
export function flowStarts(nodes: readonly NodeDef[], tabId: string): FlowStart[] {
  const active = activeNodes(nodes, tabId);
  const injects = active
    .filter(({ type }) => type === "inject")
    .map((node): FlowStart => ({ node: node.id, kind: "inject", label: node.name || "Inject" }));
  const byId = new Map(active.map((node) => [node.id, node]));
  const https = endpointsOf(nodes, tabId).map(({ nodeId, method, path }): FlowStart => ({
    node: nodeId,
    kind: "http-in",
    label: byId.get(nodeId)?.name || `${method.toUpperCase()} ${path}`,
    method,
    path,
  }));
  if (injects.length + https.length > 0) return [...injects, ...https];
  const reached = new Set(active.flatMap(({ wires }) => (wires ?? []).flat()));
  return active
    .filter(
      ({ id, type, wires }) =>
        !reached.has(id) && ENGINE_TYPES[type] !== "source" && (wires ?? []).some((port) => port.length > 0),
    )
    .map((node): FlowStart => ({ node: node.id, kind: "first", label: node.name || node.type }));
}

/** The start that was asked for, by default the first. Throws `unprocessable` (`flow.no-start`, `flow.start`). */
export function chooseStart(starts: readonly FlowStart[], wanted?: string): FlowStart {
  const [first] = starts;
  if (!first)
    throw new AppError(
      "unprocessable",
      "flow.no-start",
      "Nothing in this flow begins a run. Add an inject node or an http in node and deploy",
    );
  if (wanted === undefined) return first;
  const found = starts.find(({ node }) => node === wanted);
  if (found) return found;
  throw new AppError("unprocessable", "flow.start", `A run of this flow cannot begin at ${wanted.slice(0, 60)}`, {
    fields: [{ path: "start", message: `Must be one of ${starts.map(({ node }) => node).join(", ")}` }],
  });
}
