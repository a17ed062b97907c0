import type { Drawing } from "./drawing.ts";

/** Room around a drawing in its frame, in the drawing's pixels. */
const ROOM = 80;
/** How far a wire that leads backwards bows out beside its ends. */
const BOW = 45;

/** What a drawing takes, with the bows of its wires; null: nothing is drawn. */
export function drawingBounds({ nodes, groups, wires }: Drawing) {
  const boxes = [...nodes, ...groups];
  if (boxes.length === 0) return null;
  const back = wires.filter(({ start, end }) => end.x <= start.x);
  const left = Math.min(...boxes.map(({ x }) => x), ...back.map(({ end }) => end.x - BOW));
  const top = Math.min(...boxes.map(({ y }) => y));
  const right = Math.max(...boxes.map(({ x, width }) => x + width), ...back.map(({ start }) => start.x + BOW));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  return { left, top, width: right - left, height: bottom - top };
}

/** Width by height of a frame that shows all of a drawing without much around it. */
export function drawingRatio(drawing: Drawing): number {
  const bounds = drawingBounds(drawing);
  return bounds ? (bounds.width + ROOM) / (bounds.height + 2 * ROOM) : 4;
}
