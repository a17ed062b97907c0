import type { NodeDef } from "#server/engine/contract.ts";
import { DRAWN_ONLY, ENGINE_TYPES } from "./node-types.ts";

const COLUMN = 200;
const ROW = 60;
const MARGIN = { x: 140, y: 80 };

const isPlaced = ({ x, y }: NodeDef) => typeof x === "number" && typeof y === "number";

/**
 * Gives nodes without a place one, by how far they are from where the flow begins: programs write flows without
 * drawing them, and the editor would put them all on one spot. What has a place keeps it.
 */
export function layOut(nodes: readonly NodeDef[]): NodeDef[] {
  const homeless = nodes.filter(
    (node) => node.z && !isPlaced(node) && !DRAWN_ONLY.has(node.type) && ENGINE_TYPES[node.type] !== "config",
  );
  if (homeless.length === 0) return [...nodes];
  const depth = depths(nodes);
  const free = new Map<string, number>();
  // Below what is drawn already.
  for (const { z, y } of nodes) if (z && typeof y === "number") free.set(z, Math.max(free.get(z) ?? 0, y + 2 * ROW));
  const rows = new Map<string, number>();
  const places = new Map<string, { x: number; y: number }>();
  for (const { id, z = "" } of homeless) {
    const column = depth.get(id) ?? 0;
    const row = rows.get(`${z}/${column}`) ?? 0;
    rows.set(`${z}/${column}`, row + 1);
    places.set(id, { x: MARGIN.x + column * COLUMN, y: (free.get(z) ?? MARGIN.y) + row * ROW });
  }
  return nodes.map((node) => {
    const place = places.get(node.id);
    return place ? { ...node, ...place, wires: node.wires ?? [] } : node;
  });
}

/** How many wires lie between a node and the nearest one that nothing leads to. */
function depths(nodes: readonly NodeDef[]): Map<string, number> {
  const wires = new Map(nodes.map(({ id, wires }) => [id, (wires ?? []).flat()]));
  const reached = new Set([...wires.values()].flat());
  const depth = new Map<string, number>();
  let front = nodes.filter(({ id }) => !reached.has(id)).map(({ id }) => id);
  for (let distance = 0; front.length > 0; distance++) {
    const next: string[] = [];
    for (const id of front) {
      if (depth.has(id)) continue;
      depth.set(id, distance);
      next.push(...(wires.get(id) ?? []));
    }
    front = next;
  }
  return depth;
}
