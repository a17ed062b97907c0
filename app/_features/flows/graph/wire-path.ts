const NODE_WIDTH = 100;
const NODE_HEIGHT = 30;

export interface Point {
  x: number;
  y: number;
}

/**
 * The path of a wire from an output to an input, curved as in Node-RED's editor: forwards one bow, backwards around.
 * Source: `generateLinkPath` of @node-red/editor-client 5.
 */
export function wirePath(from: Point, to: Point): string {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  if (dx > 0) {
    const reach = NODE_WIDTH * Math.min(0.75, (0.75 * Math.hypot(dx, dy)) / NODE_WIDTH);
    return `M ${from.x} ${from.y} C ${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`;
  }
  return Math.abs(dy) < 10 ? below(from, to) : around(from, to);
}

/** Out, down, back below both and up again: the two are at one height. */
function below(from: Point, to: Point): string {
  const floor = Math.max(from.y, to.y) + 25;
  const side = (x: number, out: number, top: number, bottom: number) => {
    const far = x + out * 25;
    return { near: x + out * 15, far, middle: (top + bottom) / 2, top, bottom, x };
  };
  const a = side(from.x, 1, from.y, floor);
  const b = side(to.x, -1, to.y, floor);
  return (
    `M ${a.x} ${a.top} C ${a.near} ${a.top} ${a.far} ${a.top + 5} ${a.far} ${a.middle}` +
    ` C ${a.far} ${a.bottom - 5} ${a.near} ${a.bottom} ${a.x} ${a.bottom} H ${b.x}` +
    ` C ${b.near} ${b.bottom} ${b.far} ${b.bottom - 5} ${b.far} ${b.middle}` +
    ` C ${b.far} ${b.top + 5} ${b.near} ${b.top} ${b.x} ${b.top}`
  );
}

/** An S through the middle between the two. */
function around(from: Point, to: Point): string {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const down = Math.sign(dy);
  const bow = NODE_HEIGHT / 2;
  const least = Math.min(Math.abs(dx), Math.abs(dy));
  const reach = NODE_WIDTH * (0.4 - (0.2 * Math.max(0, NODE_WIDTH - least)) / NODE_WIDTH);
  const middle = { x: Math.floor(to.x - dx / 2), y: Math.floor(to.y - dy / 2) };
  const turn = (to.y + middle.y) / 2;
  // `low` and `high` in the direction in which the wire goes
  const low = (a: number, b: number) => (down > 0 ? Math.min(a, b) : Math.max(a, b));
  const high = (a: number, b: number) => (down > 0 ? Math.max(a, b) : Math.min(a, b));
  const first = { x: from.x + reach, y: low(turn - dy / 2, from.y + down * bow) };
  const last = { x: to.x - reach, y: high(turn, to.y - down * bow) };
  const outOfFirst = { x: (from.x + first.x) / 2, y: low(middle.y, first.y + down * bow) };
  let intoFirst = high(from.y, first.y - down * bow);
  let intoLast = high(middle.y, last.y - down * bow);
  if (outOfFirst.y === first.y + down * bow) {
    if (Math.abs(dy) < bow * 10) {
      intoFirst = first.y - (down * bow) / 2;
      intoLast = last.y - (down * bow) / 2;
    }
    outOfFirst.x = first.x;
  }
  return (
    `M ${from.x} ${from.y} C ${(from.x + first.x) / 2} ${from.y} ${first.x} ${intoFirst} ${first.x} ${first.y}` +
    ` S ${outOfFirst.x} ${outOfFirst.y} ${middle.x} ${middle.y} S ${last.x} ${intoLast} ${last.x} ${last.y}` +
    ` S ${(to.x + last.x) / 2} ${to.y} ${to.x} ${to.y}`
  );
}

/** Where a wire's figure stands: on its middle. */
export const wireMiddle = (from: Point, to: Point): Point => ({
  x: (from.x + to.x) / 2,
  y: to.x > from.x || Math.abs(to.y - from.y) >= 10 ? (from.y + to.y) / 2 : Math.max(from.y, to.y) + 25,
});
