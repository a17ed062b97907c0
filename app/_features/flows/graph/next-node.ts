import type { DrawnNode, Drawing } from "./drawing.ts";

export type Direction = "left" | "right" | "up" | "down";

const middle = ({ x, y, width, height }: DrawnNode) => ({ x: x + width / 2, y: y + height / 2 });

/** The nodes in the order in which one reads them. */
export const reading = ({ nodes }: Drawing): DrawnNode[] =>
  nodes.toSorted((a, b) => middle(a).y - middle(b).y || middle(a).x - middle(b).x);

/**
 * Where an arrow key leads from a node: right and left along a wire, the nearest in height first; up and down, or where no
 * wire leads, to the nearest node that lies there.
 */
export function nextNode(drawing: Drawing, id: string, direction: Direction): DrawnNode | undefined {
  const from = drawing.nodes.find((node) => node.id === id);
  if (!from) return undefined;
  const here = middle(from);
  const others = drawing.nodes.filter((node) => node !== from);

  if (direction === "left" || direction === "right") {
    const ends = new Set(
      drawing.wires.flatMap((wire) =>
        direction === "right" ? (wire.from === id ? [wire.to] : []) : wire.to === id ? [wire.from] : [],
      ),
    );
    const wired = others.filter((node) => ends.has(node.id));
    if (wired.length > 0) return nearest(wired, (at) => Math.abs(at.y - here.y));
  }
  const [along, across] = direction === "left" || direction === "right" ? (["x", "y"] as const) : (["y", "x"] as const);
  const sign = direction === "left" || direction === "up" ? -1 : 1;
  const ahead = others.filter((node) => (middle(node)[along] - here[along]) * sign > 0);
  // what lies straight ahead comes before what is nearer aside
  return nearest(ahead, (at) => Math.abs(at[along] - here[along]) + 2 * Math.abs(at[across] - here[across]));
}

function nearest(nodes: DrawnNode[], distance: (at: { x: number; y: number }) => number): DrawnNode | undefined {
  return nodes.toSorted((a, b) => distance(middle(a)) - distance(middle(b)))[0];
}
