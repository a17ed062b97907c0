import { kindOf, unitOf } from "#app/_ui/data/units.ts";

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
  if (own) return { rows: inOrder(own) };
  if (!isRecord(result)) return { rows: null };
  const lists = Object.values(result)
    .map(asRows)
    .filter((rows) => rows !== null);
  const longest = lists.sort((a, b) => b.length - a.length)[0];
  const rows = longest ? inOrder(longest) : null;
  const { summary, total } = result;
  return {
    rows,
    ...(typeof summary === "string" && summary !== "" ? { summary } : {}),
    ...(typeof total === "number" && rows && total > rows.length ? { total } : {}),
  };
}

const isId = (key: string) => /(^|_)id$/i.test(key);

/**
 * The same rows, their columns in the order one reads: what it is, since when or until when, the figures by unit, words.
 * The store does not keep the order that a tool wrote them in.
 */
function inOrder(rows: Row[]): Row[] {
  const keys = [...new Set(rows.flatMap(Object.keys))];
  const kind = (key: string) => kindOf(rows.find((row) => kindOf(row[key]) !== "none")?.[key]);
  const named = keys.filter(isId).map((key) => key.replace(/_?id$/i, ""));
  const rank = (key: string) => {
    if (isId(key) && key === `${named[0]}_id`) return 0;
    if (key === named[0] || /^(name|title)$/i.test(key)) return 1;
    if (kind(key) === "number") return 4;
    if (kind(key) === "date" || kind(key) === "instant") return 3;
    const longest = Math.max(...rows.map((row) => String(row[key] ?? "").length));
    return longest > 40 ? 6 : isId(key) ? 5 : 2;
  };
  const units = [...new Set(keys.filter((key) => kind(key) === "number").map((key) => unitOf(key) ?? ""))];
  const unitRank = (key: string) => {
    const unit = unitOf(key) ?? "";
    return rank(key) === 4 ? (unit === "%" ? -1 : unit === "" ? units.length : units.indexOf(unit)) : 0;
  };
  const order = keys.toSorted((a, b) => rank(a) - rank(b) || unitRank(a) - unitRank(b));
  return rows.map((row) => Object.fromEntries(order.filter((key) => key in row).map((key) => [key, row[key]])));
}
