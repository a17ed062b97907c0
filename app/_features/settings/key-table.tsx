"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useNow, useWords } from "#app/_ui/words/locale.tsx";
import type { ApiKey } from "#server/features/accounts/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { settingsWords } from "./settings-words.ts";

export function KeyTable(props: {
  rows: ApiKey[] | undefined;
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
}) {
  const words = useWords(settingsWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const now = useNow(() => 60_000);
  const revoke = useMutation(
    trpc.accounts.apiKeys.revoke.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.accounts.apiKeys.list.queryFilter()),
    }),
  );
  const columns: Column<ApiKey>[] = [
    { id: "name", header: words.keyName, value: (row) => row.name },
    { id: "hint", header: words.keyColumn, value: (row) => `${row.hint}…`, mono: true, width: "7rem", from: "sm" },
    {
      id: "scopes",
      header: words.scopesColumn,
      value: (row) => (row.scopes.length === 0 ? words.all : row.scopes.join(" ")),
      render: (row) =>
        row.scopes.length === 0 ? (
          words.all
        ) : (
          <Tooltip label={row.scopes.join(", ")} maw={320}>
            <span tabIndex={0}>{words.permissions(row.scopes.length)}</span>
          </Tooltip>
        ),
      from: "sm",
    },
    {
      id: "used",
      header: words.usedColumn,
      value: (row) => row.lastUsedAt?.toISOString() ?? null,
      render: (row) => (row.lastUsedAt ? <RelativeTime at={row.lastUsedAt} /> : words.unused),
    },
    {
      id: "ends",
      header: words.endsColumn,
      value: (row) => row.expiresAt?.toISOString() ?? null,
      render: (row) =>
        !row.expiresAt ? (
          words.noEnd
        ) : row.expiresAt.getTime() <= now ? (
          <StateBadge state="attention" variant="plain" size="sm" word={words.expired} />
        ) : (
          <RelativeTime at={row.expiresAt} />
        ),
      from: "sm",
    },
    {
      id: "created",
      header: words.createdColumn,
      value: (row) => row.createdAt.toISOString(),
      render: (row) => <RelativeTime at={row.createdAt} />,
      from: "md",
    },
    {
      id: "revoke",
      header: words.revoke,
      width: "6.5rem",
      align: "right",
      render: (row) => (
        <ConfirmButton
          title={words.revokeTitle(row.name)}
          description={words.revokeText}
          confirm={words.revoke}
          onConfirm={() => revoke.mutateAsync({ id: row.id })}
          size="compact-sm"
          aria-label={`${words.revoke}: ${row.name}`}
        >
          {words.revoke}
        </ConfirmButton>
      ),
    },
  ];
  return (
    <DataTable
      name="api-keys"
      label={words.keys}
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.id}
      hasMore={props.hasMore}
      loadingMore={props.loadingMore}
      onMore={props.onMore}
      skeletonRows={3}
      bare
    />
  );
}
