"use client";

import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconArrowsSort } from "@tabler/icons-react";
import { useWords } from "../words/locale.tsx";
import type { Column } from "./columns.ts";
import type { Sort } from "./sort-rows.ts";
import { tableWords } from "./table-words.ts";
import classes from "./table.module.css";

interface TableHeadProps<Row> {
  columns: Column<Row>[];
  sort: Sort | null;
  onSort: (column: Column<Row>) => void;
  all?: { checked: boolean; some: boolean; onChange: (on: boolean) => void } | undefined;
}

export function TableHead<Row>({ columns, sort, onSort, all }: TableHeadProps<Row>) {
  const words = useWords(tableWords);
  return (
    <thead className={classes.head}>
      <tr>
        {all && (
          <th className={classes.pick}>
            <Checkbox
              size="xs"
              checked={all.checked}
              indeterminate={all.some && !all.checked}
              onChange={(event) => all.onChange(event.currentTarget.checked)}
              aria-label={words.selectAll}
            />
          </th>
        )}
        {columns.map((column) => {
          const dir = sort?.by === column.id ? sort.dir : null;
          const sortable = column.sortable ?? column.value !== undefined;
          const Icon = dir === "asc" ? IconArrowUp : dir === "desc" ? IconArrowDown : IconArrowsSort;
          return (
            <th
              key={column.id}
              scope="col"
              data-align={column.align}
              data-from={column.from}
              style={column.width ? { width: column.width } : undefined}
              aria-sort={dir === "asc" ? "ascending" : dir === "desc" ? "descending" : undefined}
            >
              {sortable ? (
                <button
                  type="button"
                  className={classes.sort}
                  data-on={dir ?? undefined}
                  onClick={() => onSort(column)}
                >
                  {column.header}
                  <Icon size={14} stroke={1.75} aria-hidden="true" />
                </button>
              ) : (
                column.header
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
