import type { FlowNode } from "#server/features/flows/schema.ts";
import { subflowOf } from "../flows/graph/node-kind.ts";
import { nodeLabel } from "../flows/graph/node-label.ts";

export interface NamedNode {
  /** As on the graph; within a subflow the instances' names stand before it. */
  name: string;
  type: string;
}

/** Tells what a run's node is called, by its id in the run: within subflows `instance-node`. */
export function nodeNames(nodes: readonly FlowNode[]): (key: string) => NamedNode {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const known = new Map<string, NamedNode>();
  const label = (node: FlowNode) => {
    const subflow = subflowOf(node.type);
    return nodeLabel(node, subflow === undefined ? undefined : (byId.get(subflow)?.name ?? ""));
  };
  const find = (key: string): NamedNode => {
    const node = byId.get(key);
    if (node) return { name: label(node), type: node.type };
    // ids may hold dashes themselves: the instance is whatever beginning is a subflow's instance
    for (let at = key.indexOf("-"); at > 0; at = key.indexOf("-", at + 1)) {
      const instance = byId.get(key.slice(0, at));
      if (!instance || subflowOf(instance.type) === undefined) continue;
      const inner = find(key.slice(at + 1));
      return { name: `${label(instance)} › ${inner.name}`, type: inner.type };
    }
    return { name: key, type: "" };
  };
  return (key) => {
    let named = known.get(key);
    if (!named) known.set(key, (named = find(key)));
    return named;
  };
}
