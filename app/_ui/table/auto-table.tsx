"use client";

import { formatNumber, humanise, kindOf, unitOf } from "../data/units.ts";
import { exactDate } from "../time/format-time.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { useLocale, useWords } from "../words/locale.tsx";
import { FORMAT_TAG } from "../words/locales.ts";
import { autoColumns } from "./auto-columns.ts";
import type { Column } from "./columns.ts";
import { DataTable } from "./data-table.tsx";
import { tableWords } from "./table-words.ts";
import classes from "./table.module.css";

export type AutoRow = Record<string, unknown>;

/** Any array of flat objects, as tools return them: figures right with their unit in the header, times as times. */
export function AutoTable({
  rows,
  label,
  name = "table",
  maxHeight = "26rem",
  bare = false,
}: {
  rows: AutoRow[];
  label: string;
  name?: string;
  maxHeight?: string;
  bare?: boolean;
}) {
  const numbered = rows.map((row, index) => ({ row, index }));
  const columns = autoColumns(rows).map(({ key, numeric }): Column<(typeof numbered)[number]> => {
    const unit = unitOf(key);
    return {
      id: key,
      header: unit ? `${humanise(key)} (${unit})` : humanise(key),
      value: ({ row }) => plainValue(row[key]),
      render: ({ row }) => <AutoValue value={row[key]} />,
      ...(numeric ? { align: "right" as const, firstDirection: "desc" as const } : {}),
    };
  });
  return (
    <DataTable
      name={name}
      label={label}
      columns={columns}
      rows={numbered}
      rowKey={({ index }) => String(index)}
      maxHeight={maxHeight}
      bare={bare}
    />
  );
}

function plainValue(value: unknown): string | number | boolean | null {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** One value of unknown data, shown as what it is. */
export function AutoValue({ value }: { value: unknown }) {
  const words = useWords(tableWords);
  const locale = useLocale();
  const kind = kindOf(value);
  if (kind === "none") return <span className={classes.nothing}>–</span>;
  if (kind === "number") return formatNumber(Number(value), locale);
  if (kind === "boolean") return value ? words.yes : words.no;
  if (kind === "instant") return <RelativeTime at={String(value)} />;
  if (kind === "date") return <time dateTime={String(value)}>{exactDate(String(value), FORMAT_TAG[locale])}</time>;
  if (kind === "nested") return <code>{JSON.stringify(value)}</code>;
  return String(value);
}
