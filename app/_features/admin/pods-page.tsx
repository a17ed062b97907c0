"use client";

import { Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconServer2 } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { Locale } from "#app/_ui/words/locales.ts";
import type { PodView } from "#server/features/pods/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { PodDrawer } from "./pod-drawer.tsx";
import { PodEvents } from "./pod-events.tsx";
import { PoolPanel } from "./pod-pool.tsx";
import { busyWith, isOver, POD_STATE, seatOf } from "./pod-state.ts";
import { podWords } from "./pod-words.ts";
import classes from "./admin.module.css";

/** How often the pods are looked at while they are shown: the subscription is of one workspace, they are of all. */
export const PODS_MS = 3_000;
const PAGE = 100;

export function PodsPage() {
  const words = useWords(podWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const stats = useQuery(trpc.pods.stats.queryOptions(undefined, { refetchInterval: PODS_MS }));
  const drain = useMutation(trpc.pods.drainAll.mutationOptions());
  const drainAll = async () => {
    await drain.mutateAsync();
    notifications.show({ color: "ok", message: words.drained, autoClose: 3_000 });
    await queries.invalidateQueries(trpc.pods.pathFilter());
  };
  const claimed = stats.data?.claimed ?? 0;
  return (
    <PageFrame>
      <PageHeader
        title={words.pods}
        description={words.description}
        actions={
          <ConfirmButton
            title={words.drainTitle}
            description={words.drainText}
            takes={claimed > 0 ? [words.drainTakes(claimed)] : []}
            confirm={words.drain}
            onConfirm={drainAll}
          >
            {words.drain}
          </ConfirmButton>
        }
      />
      <PoolPanel stats={stats.data} error={stats.error} onRetry={() => void stats.refetch()} />
      <PodTable />
      <Panel title={words.events} description={words.eventsOfAll}>
        <PodEvents />
      </Panel>
    </PageFrame>
  );
}

function PodTable() {
  const words = useWords(podWords);
  const locale = useLocale();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [ended, setEnded] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const input = { ended, limit: PAGE };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.pods.list.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.pods.list.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: PODS_MS,
  });
  const rows = query.data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <DataTable<PodView>
        name="pods"
        label={words.pods}
        mainTable
        columns={columnsOf(words, locale, ended)}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={({ id }) => setOpen(id)}
        {...(open ? { current: open } : {})}
        error={query.error}
        onRetry={() => void query.refetch()}
        hasMore={query.hasNextPage}
        onMore={() => void query.fetchNextPage()}
        loadingMore={query.isFetchingNextPage}
        skeletonRows={4}
        toolbar={
          <Switch
            size="sm"
            label={words.withEnded}
            checked={ended}
            onChange={(event) => setEnded(event.currentTarget.checked)}
          />
        }
        empty={
          <EmptyState icon={<IconServer2 />} title={words.empty}>
            <p>{words.emptyHint}</p>
          </EmptyState>
        }
      />
      <PodDrawer pod={rows?.find(({ id }) => id === open) ?? null} onClose={() => setOpen(null)} />
    </>
  );
}

function columnsOf(words: (typeof podWords)["en"], locale: Locale, ended: boolean): Column<PodView>[] {
  return [
    {
      id: "seat",
      header: words.seat,
      value: (pod) => seatOf(pod) || words.noSeat,
      render: (pod) =>
        pod.userName ? (
          <span className={classes.two}>
            {pod.userName}
            <span className={classes.sub}>{pod.workspaceName}</span>
          </span>
        ) : (
          <span className={classes.note}>{words.noSeat}</span>
        ),
    },
    {
      id: "state",
      header: words.state,
      width: "8.5rem",
      value: ({ state }) => words.states[state],
      render: ({ state }) => (
        <StateBadge state={POD_STATE[state]} word={words.states[state]} variant="plain" size="sm" />
      ),
    },
    {
      id: "memory",
      header: words.memory,
      width: "6.5rem",
      align: "right",
      from: "sm",
      value: ({ memoryMb }) => memoryMb,
      render: ({ memoryMb }) => (memoryMb === null ? "–" : `${formatNumber(memoryMb, locale)} MB`),
    },
    {
      id: "age",
      header: words.age,
      width: "8rem",
      from: "md",
      value: ({ createdAt }) => createdAt,
      render: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      id: "activity",
      header: words.activity,
      width: "8.5rem",
      from: "sm",
      value: ({ lastActivityAt }) => lastActivityAt,
      render: ({ lastActivityAt }) => (lastActivityAt ? <RelativeTime at={lastActivityAt} /> : words.never),
    },
    {
      id: "busy",
      header: words.busy,
      width: "12rem",
      from: "sm",
      value: ({ busy }) => busyWith(busy, words) || words.idle,
    },
    ...(ended
      ? [
          {
            id: "reason",
            header: words.reason,
            from: "md" as const,
            value: (pod: PodView) => (isOver(pod) ? (pod.reason ?? "") : ""),
          },
        ]
      : []),
    {
      id: "version",
      header: words.version,
      width: "8rem",
      from: "md",
      mono: true,
      optional: true,
      value: ({ version }) => version,
    },
    {
      id: "id",
      header: words.id,
      width: "8rem",
      from: "md",
      sortable: false,
      value: ({ id }) => id,
      render: ({ id }) => <ShortId id={id} />,
    },
  ];
}
