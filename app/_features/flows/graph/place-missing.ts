import type { FlowNode } from "#server/features/flows/schema.ts";
import type { Point } from "./wire-path.ts";

const COLUMN = 220;
const ROW = 60;
const MARGIN = 120;

/**
 * Where each node's middle is. What has no place, as in flows that programs made, goes into columns by its distance from
 * where messages come from, below everything that has one.
 */
export function placeMissing(nodes: readonly FlowNode[]): Map<string, Point> {
  const places = new Map<string, Point>();
  const missing: FlowNode[] = [];
  for (const node of nodes) {
    const { x, y } = node as { x?: unknown; y?: unknown }; // read as unknown
    if (typeof x === "number" && typeof y === "number") places.set(node.id, { x, y });
    else missing.push(node);
  }
  if (missing.length === 0) return places;

  const depth = depths(missing);
  const top = Math.max(0, ...[...places.values()].map(({ y }) => y));
  const taken: number[] = [];
  for (const { id } of missing) {
    const column = depth.get(id) ?? 0;
    const row = taken[column] ?? 0;
    taken[column] = row + 1;
    places.set(id, { x: MARGIN + column * COLUMN, y: top + ROW * (row + 1) });
  }
  return places;
}

/** Number of wires from the beginning, breadth first; a way back does not count. */
function depths(nodes: readonly FlowNode[]): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const targets = (node: FlowNode) => (node.wires ?? []).flat().filter((id) => byId.has(id));
  const entered = new Set(nodes.flatMap(targets));
  const depth = new Map<string, number>();
  // where all lie in a circle the first one is the beginning
  for (const beginnings of [nodes.filter(({ id }) => !entered.has(id)), nodes]) {
    for (const beginning of beginnings) {
      if (depth.has(beginning.id)) continue;
      depth.set(beginning.id, 0);
      const queue = [beginning];
      for (let node = queue.shift(); node; node = queue.shift())
        for (const id of targets(node)) {
          const next = byId.get(id);
          if (!next || depth.has(id)) continue;
          depth.set(id, (depth.get(node.id) ?? 0) + 1);
          queue.push(next);
        }
    }
  }
  return depth;
}
