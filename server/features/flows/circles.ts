import type { NodeDef } from "#server/engine/contract.ts";
import { PAUSES } from "./node-types.ts";

/** Circles of wires and links without a node that pauses. */
export function findCircles(nodes: readonly NodeDef[]): NodeDef[][] {
  const active = nodes.filter(({ d, type }) => d !== true && !PAUSES.has(type));
  const byId = new Map(active.map((node) => [node.id, node]));
  const targets = (node: NodeDef): NodeDef[] => {
    const links = node.type === "link out" && Array.isArray(node.links) ? node.links : [];
    return [...(node.wires ?? []).flat(), ...links].flatMap((id) => byId.get(String(id)) ?? []);
  };
  return circlesOf(active, targets);
}

/** One for each strongly connected part (Tarjan, without recursion: flows can be long). */
export function circlesOf(nodes: readonly NodeDef[], targets: (node: NodeDef) => NodeDef[]): NodeDef[][] {
  const index = new Map<NodeDef, number>();
  const low = new Map<NodeDef, number>();
  const stack: NodeDef[] = [];
  const onStack = new Set<NodeDef>();
  const circles: NodeDef[][] = [];

  for (const root of nodes) {
    if (index.has(root)) continue;
    const work: { node: NodeDef; next: NodeDef[] }[] = [];
    const enter = (node: NodeDef) => {
      index.set(node, index.size);
      low.set(node, index.size - 1);
      stack.push(node);
      onStack.add(node);
      work.push({ node, next: targets(node) });
    };
    const lower = (node: NodeDef, to: number) => low.set(node, Math.min(low.get(node) ?? to, to));
    enter(root);
    for (let top = work.at(-1); top; top = work.at(-1)) {
      const next = top.next.pop();
      if (next) {
        if (!index.has(next)) enter(next);
        else if (onStack.has(next)) lower(top.node, index.get(next) ?? 0);
        continue;
      }
      work.pop();
      const above = work.at(-1);
      if (above) lower(above.node, low.get(top.node) ?? 0);
      if (low.get(top.node) !== index.get(top.node)) continue;
      const part = stack.splice(stack.lastIndexOf(top.node));
      for (const node of part) onStack.delete(node);
      if (part.length > 1 || targets(top.node).includes(top.node)) circles.push(part);
    }
  }
  return circles;
}
