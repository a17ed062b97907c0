"use client";

import { Checkbox, Skeleton } from "@mantine/core";
import Link from "next/link";
import type { ReactNode } from "react";
import { formatNumber } from "../data/units.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { useLocale, useWords } from "../words/locale.tsx";
import type { Column } from "./columns.ts";
import type { CsvValue } from "./csv.ts";
import { tableWords } from "./table-words.ts";
import classes from "./table.module.css";

interface TableRowProps<Row> {
  row: Row;
  columns: Column<Row>[];
  href?: string | undefined;
  onOpen?: (() => void) | undefined;
  current: boolean;
  picked?: boolean;
  onPick?: (on: boolean) => void;
}

export function TableRow<Row>({ row, columns, href, onOpen, current, picked, onPick }: TableRowProps<Row>) {
  const words = useWords(tableWords);
  return (
    <tr
      className={classes.row}
      data-open={href || onOpen ? true : undefined}
      data-picked={picked || undefined}
      aria-current={current || undefined}
    >
      {onPick && (
        <td className={classes.pick}>
          <Checkbox
            size="xs"
            checked={picked ?? false}
            onChange={(event) => onPick(event.currentTarget.checked)}
            aria-label={words.select}
          />
        </td>
      )}
      {columns.map((column, index) => {
        const content = column.render ? column.render(row) : <PlainValue value={column.value?.(row)} />;
        return (
          <td
            key={column.id}
            data-align={column.align}
            data-mono={column.mono || undefined}
            data-first={index === 0 || undefined}
            data-from={column.from}
          >
            {index === 0 ? (
              <Opener href={href} onOpen={onOpen}>
                {content}
              </Opener>
            ) : (
              content
            )}
          </td>
        );
      })}
    </tr>
  );
}

/** The first cell's content is the row's link; its area reaches over the whole row (`table.module.css`). */
function Opener({ href, onOpen, children }: Pick<TableRowProps<never>, "href" | "onOpen"> & { children: ReactNode }) {
  if (href)
    return (
      <Link href={href} className={classes.open} data-row-link>
        {children}
      </Link>
    );
  if (onOpen)
    return (
      <button type="button" className={classes.open} data-row-link onClick={onOpen}>
        {children}
      </button>
    );
  return children;
}

function PlainValue({ value }: { value: CsvValue }) {
  const words = useWords(tableWords);
  const locale = useLocale();
  if (value === null || value === undefined || value === "") return <span className={classes.nothing}>–</span>;
  if (value instanceof Date) return <RelativeTime at={value} />;
  if (typeof value === "number") return formatNumber(value, locale);
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return value;
}

const widths = ["70%", "55%", "80%", "45%", "62%"];

export function SkeletonRows<Row>({
  columns,
  rows,
  selectable,
}: {
  columns: Column<Row>[];
  rows: number;
  selectable: boolean;
}) {
  return Array.from({ length: rows }, (_, r) => (
    <tr key={r} className={classes.row} aria-hidden="true">
      {selectable && (
        <td className={classes.pick}>
          <Skeleton height={14} width={14} />
        </td>
      )}
      {columns.map((column, c) => (
        <td key={column.id} data-align={column.align} data-from={column.from}>
          <Skeleton
            height={12}
            width={column.align === "right" ? 48 : (widths[(r + c) % widths.length] ?? "60%")}
            display="inline-block"
          />
        </td>
      ))}
    </tr>
  ));
}
