"use client";

import { formatNumber, formatQuantity } from "#app/_ui/data/units.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { LowStock } from "#server/features/plant/schema.ts";
import { homeWords } from "./home-words.ts";

export function StockTable({ rows }: { rows: LowStock[] }) {
  const words = useWords(homeWords);
  const locale = useLocale();
  const amount = (value: number | null, unit: string | null) =>
    value === null ? "–" : formatQuantity(value, unit ?? undefined, locale);
  const columns: Column<LowStock>[] = [
    { id: "name", header: words.item, value: (row) => row.name },
    {
      id: "inStock",
      header: words.inStock,
      value: (row) => row.inStock,
      render: (row) =>
        row.inStock > 0 ? (
          amount(row.inStock, row.unit)
        ) : (
          <StateBadge state="fault" variant="plain" size="sm" word={amount(row.inStock, row.unit)} />
        ),
      align: "right",
    },
    {
      id: "minimum",
      header: words.minimum,
      value: (row) => row.minimum,
      render: (row) => amount(row.minimum, row.unit),
      align: "right",
      from: "sm",
    },
    {
      id: "onOrder",
      header: words.onOrder,
      value: (row) => row.onOrder,
      render: (row) =>
        row.onOrder === 0 ? (
          <StateBadge state="attention" variant="plain" size="sm" word={words.nothingOrdered} />
        ) : (
          amount(row.onOrder, row.unit)
        ),
      align: "right",
    },
    {
      id: "cover",
      header: words.cover,
      value: (row) => row.daysOfCover,
      render: (row) => (row.daysOfCover === null ? "–" : words.daysLate(formatNumber(row.daysOfCover, locale, 1))),
      align: "right",
      from: "sm",
    },
  ];
  return (
    <DataTable
      name="home-stock"
      label={words.stock}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id ?? row.name}
      maxHeight="20rem"
      bare
    />
  );
}
