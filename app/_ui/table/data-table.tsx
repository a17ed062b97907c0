"use client";

import { Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useRef, useState, type ReactNode } from "react";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ErrorState } from "../feedback/error-state.tsx";
import { useFormatTag, useWords } from "../words/locale.tsx";
import { visibleColumns, type Column } from "./columns.ts";
import { sortRows, nextSort, type Sort } from "./sort-rows.ts";
import { TableHead } from "./table-head.tsx";
import { SkeletonRows, TableRow } from "./table-row.tsx";
import { TableToolbar } from "./table-toolbar.tsx";
import { tableWords } from "./table-words.ts";
import { useRowKeys } from "./use-row-keys.ts";
import classes from "./table.module.css";

export interface DataTableProps<Row> {
  /** Names the kept choice of columns and the exported file: `runs`. */
  name: string;
  /** Read out for the table: "Runs of this workspace". */
  label: string;
  columns: Column<Row>[];
  /** Undefined while loading for the first time. */
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
  /** The page of a row; the whole row leads there. */
  href?: (row: Row) => string;
  /** Instead of `href`, where a row opens in place. */
  onOpen?: (row: Row) => void;
  /** The row that is open beside the table. */
  current?: string;

  /** Sorted by the server: give both. Without them the rows given are sorted here. */
  sort?: Sort | null;
  onSort?: (sort: Sort | null) => void;
  defaultSort?: Sort;

  error?: unknown;
  onRetry?: () => void;
  /** What stands there without rows; different when a filter leaves none. */
  empty?: ReactNode;
  skeletonRows?: number;

  /** Keyset paging. */
  hasMore?: boolean;
  onMore?: () => void;
  loadingMore?: boolean;

  /** Search and filters, left above the table. */
  toolbar?: ReactNode;
  /** Bulk acts on the keys selected; giving it makes rows selectable. */
  renderBulk?: (keys: string[], clear: () => void) => ReactNode;
  /** j and k work from anywhere on the page: for its one main table. */
  mainTable?: boolean;
  /** Without the bar above: for small tables in panels. */
  bare?: boolean;
  maxHeight?: string;
}

const NO_CHOICE: Record<string, boolean> = {};
const NONE: ReadonlySet<string> = new Set();

/** Rows one compares: dense, sorted, chosen, exported, and each row a way to its page. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    name,
    label,
    columns,
    rows,
    rowKey,
    href,
    onOpen,
    error,
    renderBulk: bulk,
    mainTable = false,
    bare = false,
  } = props;
  const words = useWords(tableWords);
  const tag = useFormatTag();
  const table = useRef<HTMLDivElement>(null);
  useRowKeys(table, mainTable);

  const [choice, setChoice] = useLocalStorage({ key: `osf-columns-${name}`, defaultValue: NO_CHOICE });
  const [ownSort, setOwnSort] = useState<Sort | null>(props.defaultSort ?? null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(NONE);

  const sort = props.onSort ? (props.sort ?? null) : ownSort;
  const shown = visibleColumns(columns, choice);
  const sortValue = props.onSort ? undefined : columns.find((column) => column.id === sort?.by)?.value;
  const ordered = rows && sort && sortValue ? sortRows(rows, sortValue, sort.dir, tag) : rows;
  const keys = (ordered ?? []).map(rowKey);
  const selected = keys.filter((key) => picked.has(key));
  const clear = () => setPicked(NONE);

  const select = (key: string, on: boolean) => {
    const next = new Set(picked);
    if (on) next.add(key);
    else next.delete(key);
    setPicked(next);
  };
  const span = shown.length + (bulk ? 1 : 0);
  // rows once loaded stay in view when a later load fails
  const wrong = error !== undefined && error !== null;
  const failed = wrong && ordered === undefined;
  const empty = ordered?.length === 0;

  return (
    <div className={classes.whole} data-bare={bare || undefined}>
      {!bare && (
        <TableToolbar
          name={name}
          columns={columns}
          shown={shown}
          rows={ordered}
          onChoose={(id, on) => setChoice({ ...choice, [id]: on })}
          bulk={
            bulk && selected.length > 0 ? { count: selected.length, acts: bulk(selected, clear), clear } : undefined
          }
        >
          {props.toolbar}
        </TableToolbar>
      )}
      <div
        ref={table}
        className={classes.scroll}
        style={props.maxHeight ? { maxHeight: props.maxHeight } : undefined}
        tabIndex={href || onOpen || bulk ? undefined : 0}
        role="group"
        aria-label={label}
      >
        {failed ? (
          <ErrorState error={error} title={words.loadFailed} {...(props.onRetry ? { onRetry: props.onRetry } : {})} />
        ) : (
          <table className={classes.table} aria-busy={ordered === undefined}>
            <caption className="osf-sr-only">{label}</caption>
            <TableHead
              columns={shown}
              sort={sort}
              onSort={(column) =>
                (props.onSort ?? setOwnSort)(nextSort(sort, column.id, column.firstDirection ?? "asc"))
              }
              all={
                bulk && {
                  checked: keys.length > 0 && selected.length === keys.length,
                  some: selected.length > 0,
                  onChange: (on: boolean) => setPicked(on ? new Set(keys) : NONE),
                }
              }
            />
            <tbody>
              {ordered === undefined && (
                <SkeletonRows columns={shown} rows={props.skeletonRows ?? 8} selectable={!!bulk} />
              )}
              {ordered?.map((row, index) => {
                const key = keys[index] ?? "";
                return (
                  <TableRow
                    key={key}
                    row={row}
                    columns={shown}
                    href={href?.(row)}
                    onOpen={onOpen && (() => onOpen(row))}
                    current={props.current === key}
                    {...(bulk ? { picked: picked.has(key), onPick: (on: boolean) => select(key, on) } : {})}
                  />
                );
              })}
              {empty && (
                <tr className={classes.emptyRow}>
                  <td colSpan={span}>{props.empty ?? <EmptyState title={words.empty} />}</td>
                </tr>
              )}
            </tbody>
          </table>
        )}
      </div>
      {(props.hasMore || (wrong && !failed)) && (
        <div className={classes.more}>
          {wrong && !failed ? (
            <ErrorState error={error} title={words.loadFailed} {...(props.onRetry ? { onRetry: props.onRetry } : {})} />
          ) : (
            <Button variant="subtle" color="gray" onClick={props.onMore} loading={props.loadingMore ?? false}>
              {words.more}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
