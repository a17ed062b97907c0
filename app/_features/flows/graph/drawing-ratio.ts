import type { Drawing } from "./drawing.ts";

/** Room around the drawing, in its pixels. */
const ROOM = 80;

/** Width by height of a frame that shows all of a drawing without much around it. */
export function drawingRatio({ nodes, groups }: Drawing): number {
  const boxes = [...nodes, ...groups];
  if (boxes.length === 0) return 4;
  const width = Math.max(...boxes.map(({ x, width: w }) => x + w)) - Math.min(...boxes.map(({ x }) => x));
  const height = Math.max(...boxes.map(({ y, height: h }) => y + h)) - Math.min(...boxes.map(({ y }) => y));
  return (width + ROOM) / (height + 2 * ROOM);
}
