"use client";

import { ActionIcon } from "@mantine/core";
import { IconMessageQuestion } from "@tabler/icons-react";
import { formatNumber, humanise } from "#app/_ui/data/units.ts";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useHydrated, useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { OrderAtRisk } from "#server/features/plant/schema.ts";
import { useAsk } from "../shell/use-ask.ts";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

export function OrderTable({ rows }: { rows: OrderAtRisk[] }) {
  const words = useWords(homeWords);
  const locale = useLocale();
  const hydrated = useHydrated();
  const { ask, question } = useAsk();
  const columns: Column<OrderAtRisk>[] = [
    { id: "id", header: words.order, value: (row) => row.id, width: "6.75rem", fixed: true },
    {
      id: "late",
      header: words.late,
      value: (row) => row.daysLate,
      render: (row) => <Lateness days={row.daysLate} said={(days) => words.daysLate(formatNumber(days, locale, 1))} />,
      width: "6rem",
      firstDirection: "desc",
    },
    { id: "customer", header: words.customer, value: (row) => row.customer, from: "sm" },
    {
      id: "due",
      header: words.due,
      value: (row) => row.dueAt,
      render: (row) => row.dueAt && <RelativeTime at={row.dueAt} />,
      width: "5.5rem",
      from: "sm",
    },
    {
      id: "why",
      header: words.why,
      value: (row) => row.why ?? (row.cause ? humanise(row.cause) : null),
      render: (row) => <span className={classes.reason}>{row.why ?? (row.cause ? humanise(row.cause) : "–")}</span>,
      sortable: false,
    },
    {
      id: "ask",
      header: words.ask,
      width: "3.5rem",
      from: "sm",
      render: ({ id }) => (
        <Tooltip label={words.whyOrder(id)}>
          <ActionIcon
            onClick={() => ask(words.whyOrder(id))}
            loading={question === words.whyOrder(id)}
            disabled={!hydrated}
            aria-label={words.whyOrder(id)}
          >
            <IconMessageQuestion size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ];
  return (
    <DataTable
      name="home-orders"
      label={words.orders}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      defaultSort={{ by: "late", dir: "desc" }}
      maxHeight="24rem"
      bare
    />
  );
}

function Lateness({ days, said }: { days: number | null; said: (days: number) => string }) {
  const words = useWords(homeWords);
  if (days === null) return "–";
  if (days <= 0) return <StateBadge state="attention" variant="plain" size="sm" word={words.inTime} />;
  return <StateBadge state={days >= 1 ? "fault" : "attention"} variant="plain" size="sm" word={said(days)} />;
}
