import type { MeasureText } from "./drawing.ts";

const EDITOR_FONT = '14px "Helvetica Neue", Arial, Helvetica, sans-serif';
/** Where nothing can be drawn; about the mean letter of the editor's type. */
const LETTER = 7;

let context: CanvasRenderingContext2D | null | undefined;
const known = new Map<string, number>();

/** Pixels of a label in the editor's type, so that nodes are as wide as there. Browser only. */
export const measureText: MeasureText = (text) => {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (context === undefined) {
    context = document.createElement("canvas").getContext("2d");
    if (context) context.font = EDITOR_FONT;
  }
  const width = context ? Math.ceil(context.measureText(text).width) : text.length * LETTER;
  if (known.size > 5_000) known.clear();
  known.set(text, width);
  return width;
};
