export interface RowWindow {
  /** Number of the first row drawn, from 0, and of the one after the last. */
  first: number;
  end: number;
  /** Pixels that the rows above and below would take. */
  above: number;
  below: number;
}

/** Rows drawn beyond what is in sight: the keyboard goes to the next one before it is scrolled to. */
const BEYOND = 12;

/** The rows in sight of a box that was scrolled by `top`, all sizes in pixels. */
export function rowWindow(
  count: number,
  { top, height, row }: { top: number; height: number; row: number },
): RowWindow {
  const last = Math.max(0, count - 1);
  const first = Math.min(last, Math.max(0, Math.floor(top / row) - BEYOND));
  const end = Math.min(count, Math.ceil((top + height) / row) + BEYOND);
  return {
    first,
    end: Math.max(end, Math.min(count, first + 1)),
    above: first * row,
    below: Math.max(0, count - end) * row,
  };
}
