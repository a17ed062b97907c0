export type Row = Record<string, unknown>;

/** What a tool's result holds for people: its own summary, rows to compare, and what is left beside them. */
export interface ReadResult {
  summary?: string;
  rows: Row[] | null;
  /** How many there are, where the rows are only the first of them. */
  total?: number;
}

const isRecord = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);
const isFlat = (row: unknown): row is Row =>
  isRecord(row) && Object.values(row).every((value) => typeof value !== "object" || value === null);

const asRows = (value: unknown): Row[] | null =>
  Array.isArray(value) && value.length > 0 && value.every(isFlat) ? value : null;

/** Finds the rows of a result: the result itself, or the longest list of flat objects among its values. */
export function readResult(result: unknown): ReadResult {
  const own = asRows(result);
  if (own) return { rows: own };
  if (!isRecord(result)) return { rows: null };
  const lists = Object.values(result)
    .map(asRows)
    .filter((rows) => rows !== null);
  const rows = lists.sort((a, b) => b.length - a.length)[0] ?? null;
  const { summary, total } = result;
  return {
    rows,
    ...(typeof summary === "string" && summary !== "" ? { summary } : {}),
    ...(typeof total === "number" && rows && total > rows.length ? { total } : {}),
  };
}
