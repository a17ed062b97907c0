"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Panel } from "#app/_ui/layout/panel.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { Member } from "#server/features/workspaces/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

const PAGE = 100;

export function Members({ ownId }: { ownId: string | undefined }) {
  const words = useWords(settingsWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const members = useInfiniteQuery({
    queryKey: pagedKey(trpc.workspaces.members.queryKey({ limit: PAGE })),
    queryFn: ({ pageParam, signal }) =>
      client.workspaces.members.query({ limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const columns: Column<Member>[] = [
    {
      id: "name",
      header: words.name,
      value: (row) => row.name,
      render: (row) => (
        <>
          {row.name}
          {row.userId === ownId && <span className={classes.here}>{words.you}</span>}
        </>
      ),
    },
    { id: "email", header: words.email, value: (row) => row.email, from: "sm" },
    { id: "role", header: words.role, value: (row) => words.roles[row.role] },
    {
      id: "since",
      header: words.since,
      value: (row) => row.since.toISOString(),
      render: (row) => <RelativeTime at={row.since} />,
    },
  ];
  return (
    <Panel flush title={words.members}>
      <DataTable
        name="members"
        label={words.members}
        columns={columns}
        rows={members.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.userId}
        defaultSort={{ by: "name", dir: "asc" }}
        error={members.isError && !members.data ? members.error : undefined}
        onRetry={() => void members.refetch()}
        hasMore={members.hasNextPage}
        loadingMore={members.isFetchingNextPage}
        onMore={() => void members.fetchNextPage()}
        skeletonRows={3}
        bare
      />
    </Panel>
  );
}
