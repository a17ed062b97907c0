export type SortValue = string | number | boolean | Date | null | undefined;
export interface Sort {
  by: string;
  dir: "asc" | "desc";
}

const plain = (value: SortValue) =>
  value instanceof Date ? value.getTime() : typeof value === "boolean" ? Number(value) : value;

/** Stable; numbers within text count as numbers ("M-2" before "M-10"); rows without a value stay last either way. */
export function sortRows<Row>(rows: Row[], value: (row: Row) => SortValue, dir: Sort["dir"], tag = "en"): Row[] {
  const words = new Intl.Collator(tag, { numeric: true, sensitivity: "base" });
  const sign = dir === "asc" ? 1 : -1;
  const isNothing = (v: unknown) => v === null || v === undefined || v === "" || Number.isNaN(v);
  return rows
    .map((row) => ({ row, key: plain(value(row)) }))
    .sort((a, b) => {
      if (isNothing(a.key) || isNothing(b.key)) return Number(isNothing(a.key)) - Number(isNothing(b.key));
      if (typeof a.key === "number" && typeof b.key === "number") return sign * (a.key - b.key);
      return sign * words.compare(String(a.key), String(b.key));
    })
    .map(({ row }) => row);
}

/** The next order when a header is pressed: the column's first direction, the other, none. */
export function nextSort(current: Sort | null, by: string, first: Sort["dir"] = "asc"): Sort | null {
  if (current?.by !== by) return { by, dir: first };
  return current.dir === first ? { by, dir: first === "asc" ? "desc" : "asc" } : null;
}
