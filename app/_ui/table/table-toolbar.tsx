"use client";

import { ActionIcon } from "@mantine/core";
import { IconColumns3, IconDownload, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { MenuOnDemand } from "../menu/menu-on-demand.tsx";
import { Tooltip } from "../tooltip/tooltip.tsx";
import { useLocale, useWords } from "../words/locale.tsx";
import type { Column } from "./columns.ts";
import { downloadText, toCsv } from "./csv.ts";
import { tableWords } from "./table-words.ts";
import classes from "./table.module.css";

const loadColumnMenu = () => import("./column-menu.tsx").then((module) => module.ColumnMenu);

interface TableToolbarProps<Row> {
  name: string;
  columns: Column<Row>[];
  shown: Column<Row>[];
  rows: Row[] | undefined;
  onChoose: (id: string, on: boolean) => void;
  bulk?: { count: number; acts: ReactNode; clear: () => void } | undefined;
  children?: ReactNode;
}

export function TableToolbar<Row>({ name, columns, shown, rows, onChoose, bulk, children }: TableToolbarProps<Row>) {
  const words = useWords(tableWords);
  const locale = useLocale();
  const visible = new Set(shown.map(({ id }) => id));
  const entries = columns.map(({ id, header, fixed = false }, index) => ({
    id,
    header,
    shown: visible.has(id),
    fixed: index === 0 || fixed,
  }));

  const save = () => {
    const exported = shown.filter(({ value }) => value !== undefined);
    const lines = (rows ?? []).map((row) => exported.map(({ value }) => value?.(row)));
    const csv = toCsv(
      exported.map(({ header }) => header),
      lines,
      locale,
    );
    downloadText(`${name}-${new Date().toISOString().slice(0, 10)}.csv`, csv);
  };

  return (
    <div className={classes.toolbar}>
      {bulk ? (
        <div className={classes.bulk} role="status">
          <ActionIcon onClick={bulk.clear} aria-label={words.clear}>
            <IconX size={16} />
          </ActionIcon>
          <strong>{words.selected(bulk.count)}</strong>
          {bulk.acts}
        </div>
      ) : (
        <div className={classes.filters}>{children}</div>
      )}
      <div className={classes.tools}>
        <Tooltip label={words.columns}>
          <span>
            <MenuOnDemand
              load={loadColumnMenu}
              props={{ entries, onChoose }}
              button={
                <ActionIcon aria-label={words.columns}>
                  <IconColumns3 size={18} stroke={1.75} />
                </ActionIcon>
              }
            />
          </span>
        </Tooltip>
        <Tooltip label={words.export}>
          <ActionIcon
            onClick={save}
            disabled={!rows || rows.length === 0}
            aria-label={words.exported(rows?.length ?? 0)}
          >
            <IconDownload size={18} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}
