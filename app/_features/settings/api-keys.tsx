"use client";

import { Button, Tooltip } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { parseAsBoolean, useQueryState } from "nuqs";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useHydrated, useNow, useWords } from "#app/_ui/words/locale.tsx";
import type { ApiKey } from "#server/features/accounts/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { CreateKey } from "./create-key.tsx";
import { settingsWords } from "./settings-words.ts";

const PAGE = 50;

export function ApiKeys() {
  const words = useWords(settingsWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const hydrated = useHydrated();
  const [creating, setCreating] = useQueryState("new", parseAsBoolean.withDefault(false));
  const me = useQuery(trpc.accounts.me.queryOptions());
  const keys = useInfiniteQuery({
    queryKey: pagedKey(trpc.accounts.apiKeys.list.queryKey({ limit: PAGE })),
    queryFn: ({ pageParam, signal }) =>
      client.accounts.apiKeys.list.query({ limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const rows = keys.data?.pages.flatMap(({ items }) => items);
  const create = () => void setCreating(true);
  return (
    <Panel
      flush
      title={words.keys}
      description={words.keysText}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={create} disabled={!hydrated}>
          {words.create}
        </Button>
      }
    >
      {keys.isError && !rows ? (
        <ErrorState
          error={keys.error}
          title={words.keysFailed}
          onRetry={() => void keys.refetch()}
          retrying={keys.isFetching}
        />
      ) : rows?.length === 0 ? (
        <EmptyState
          icon={<IconKey />}
          title={words.noKeys}
          action={
            <Button variant="default" onClick={create}>
              {words.create}
            </Button>
          }
        >
          {words.noKeysText}
        </EmptyState>
      ) : (
        <KeyTable
          rows={rows}
          hasMore={keys.hasNextPage}
          loadingMore={keys.isFetchingNextPage}
          onMore={() => void keys.fetchNextPage()}
        />
      )}
      <CreateKey
        opened={creating && hydrated}
        onClose={() => void setCreating(null)}
        permissions={me.data?.permissions ?? []}
      />
    </Panel>
  );
}

function KeyTable(props: { rows: ApiKey[] | undefined; hasMore: boolean; loadingMore: boolean; onMore: () => void }) {
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
          <Tooltip label={row.scopes.join(", ")} multiline maw={320}>
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
