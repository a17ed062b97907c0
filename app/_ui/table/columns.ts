import type { ReactNode } from "react";
import type { CsvValue } from "./csv.ts";

export interface Column<Row> {
  id: string;
  /** The header, also of the CSV file and in the choice of columns. */
  header: string;
  /** The plain value: sorted by, exported, and shown where there is no `render`. Without it the column does neither. */
  value?: (row: Row) => CsvValue;
  /** Called for each row; named so that columns may be written within a component. */
  render?: (row: Row) => ReactNode;
  /** Numbers stand right. */
  align?: "left" | "right";
  /** Ids, codes, data. */
  mono?: boolean;
  /** A CSS width; the column that should take what is left gets none. */
  width?: string;
  /** False where the order means nothing. Default: whatever has a `value`. */
  sortable?: boolean;
  firstDirection?: "asc" | "desc";
  /** Not shown until chosen. */
  optional?: boolean;
  /** Cannot be hidden; the first column never can. */
  fixed?: boolean;
  /** Not shown on screens narrower than this, whatever was chosen. */
  from?: "sm" | "md";
}

/** The columns to show, in their order: all but the optional ones, as changed by the person. */
export function visibleColumns<Row>(columns: Column<Row>[], choice: Record<string, boolean>): Column<Row>[] {
  return columns.filter((column, index) => index === 0 || column.fixed || (choice[column.id] ?? !column.optional));
}
