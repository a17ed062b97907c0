import type { Drawing } from "./drawing.ts";
import { drawingBounds } from "./drawing-bounds.ts";

export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

/** Free at each side, of the frame's pixels. */
const MARGIN = 28;
/** What runs write under nodes. */
const BELOW = 20;
const NEAREST = 1.1;
/** Farther away nobody can read the labels. */
const LEGIBLE = 0.55;

/**
 * How a drawing is shown in a frame of that size: all of it, in its middle; where it could not be read then, its
 * beginning instead. `whole`: all of it in any case.
 */
export function fitDrawing(drawing: Drawing, size: { width: number; height: number }, whole = false): Viewport | null {
  const bounds = drawingBounds(drawing);
  if (!bounds || size.width <= 0 || size.height <= 0) return null;
  const { left, top, width } = bounds;
  const height = bounds.height + BELOW;
  const free = { width: Math.max(1, size.width - 2 * MARGIN), height: Math.max(1, size.height - 2 * MARGIN) };
  const fits = Math.min(NEAREST, free.width / width, free.height / height);
  const zoom = whole ? fits : Math.max(LEGIBLE, fits);
  const start = (room: number, length: number, from: number) =>
    length * zoom > room - 2 * MARGIN + 0.5 ? MARGIN - from * zoom : (room - length * zoom) / 2 - from * zoom;
  return { zoom, x: start(size.width, width, left), y: start(size.height, height, top) };
}
