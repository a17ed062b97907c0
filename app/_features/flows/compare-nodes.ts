import type { FlowNode } from "#server/features/flows/schema.ts";

export interface Comparison {
  /** Ids of nodes that only the other one has. */
  added: string[];
  /** Ids of nodes that only this one has. */
  removed: string[];
  changed: string[];
}

/** What the editor moves about without a change to what a flow does. */
const LOOKS = new Set(["x", "y", "w", "h", "l", "g"]);

const meaning = (node: FlowNode): string =>
  JSON.stringify(
    Object.entries(node)
      .filter(([key]) => !LOOKS.has(key))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** What changed from one version of a flow to another; places and groups aside. */
export function compareNodes(before: readonly FlowNode[], after: readonly FlowNode[]): Comparison {
  const old = new Map(before.map((node) => [node.id, node]));
  const current = new Map(after.map((node) => [node.id, node]));
  const ids = (nodes: Iterable<FlowNode>) =>
    [...nodes].filter(({ type }) => type !== "tab" && type !== "group").map(({ id }) => id);
  return {
    added: ids(current.values()).filter((id) => !old.has(id)),
    removed: ids(old.values()).filter((id) => !current.has(id)),
    changed: ids(old.values()).filter((id) => {
      const [one, other] = [old.get(id), current.get(id)];
      return one && other && meaning(one) !== meaning(other);
    }),
  };
}
