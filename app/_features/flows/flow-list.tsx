"use client";

import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch, IconSitemap } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { parseAsBoolean, parseAsString, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState, type ReactNode } from "react";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowView, ListFlows } from "#server/features/flows/schema.ts";
import { RUN_STATUSES } from "#server/features/runs/values.schema.ts";
import { STATE_OF, statusWords } from "../runs/run-state.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { flowWords } from "./flow-words.ts";
import classes from "./flows.module.css";

const PAGE = 50;
const filters = { q: parseAsString.withDefault(""), mine: parseAsBoolean.withDefault(false) };

/** The workspace's flows with the state of their last runs, filtered in the address. */
export function FlowList({ empty }: { empty: ReactNode }) {
  return (
    <NuqsAdapter>
      <FilteredFlows empty={empty} />
    </NuqsAdapter>
  );
}

function FilteredFlows({ empty }: { empty: ReactNode }) {
  const words = useWords(flowWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [{ q, mine }, setFilters] = useQueryStates(filters, { history: "replace" });
  const [typed, setTyped] = useState(q);
  const tell = useDebouncedCallback((text: string) => void setFilters({ q: text.trim() || null }), 250);
  const input: Partial<ListFlows> = { limit: PAGE, ...(q ? { search: q } : {}), ...(mine ? { mine: true } : {}) };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.flows.list.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.flows.list.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
  const columns = useColumns();
  return (
    <DataTable<FlowView>
      name="flows"
      label={words.flows}
      mainTable
      columns={columns}
      rows={query.data?.pages.flatMap(({ items }) => items)}
      rowKey={({ id }) => id}
      href={({ id }) => `/flows/${id}`}
      error={query.error}
      onRetry={() => void query.refetch()}
      hasMore={query.hasNextPage}
      onMore={() => void query.fetchNextPage()}
      loadingMore={query.isFetchingNextPage}
      toolbar={
        <>
          <TextInput
            type="search"
            aria-label={words.search}
            placeholder={words.search}
            leftSection={<IconSearch size={16} />}
            className={classes.search}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              tell(event.currentTarget.value);
            }}
          />
          <SegmentedControl
            size="xs"
            aria-label={words.whose}
            value={mine ? "mine" : "team"}
            onChange={(value) => void setFilters({ mine: value === "mine" || null })}
            data={[
              { value: "team", label: words.team },
              { value: "mine", label: words.mine },
            ]}
          />
        </>
      }
      empty={
        q || mine ? (
          <EmptyState
            icon={<IconSitemap />}
            title={words.noMatch}
            action={
              <Button
                variant="default"
                onClick={() => {
                  setTyped("");
                  void setFilters({ q: null, mine: null });
                }}
              >
                {words.clear}
              </Button>
            }
          />
        ) : (
          empty
        )
      }
    />
  );
}

function useColumns(): Column<FlowView>[] {
  const words = useWords(flowWords);
  const statuses = useWords(statusWords);
  return [
    {
      id: "name",
      header: words.name,
      value: ({ name }) => name,
      render: ({ name, description, disabled }) => (
        <span className={classes.two}>
          <span>
            {name}
            {disabled && <span className={classes.off}>{words.off}</span>}
          </span>
          {description && <span className={classes.sub}>{description}</span>}
        </span>
      ),
    },
    {
      id: "last",
      header: words.lastRun,
      width: "14rem",
      sortable: false,
      value: ({ lastRun }) => lastRun?.createdAt ?? null,
      render: ({ lastRun }) => <LastRun run={lastRun} statuses={statuses} never={words.never} />,
    },
    {
      id: "owner",
      header: words.owner,
      width: "10rem",
      from: "sm",
      value: ({ ownerName, mine }) => (mine ? words.you : ownerName),
    },
    {
      id: "nodes",
      header: words.nodes,
      width: "5rem",
      align: "right",
      from: "md",
      value: ({ nodeCount }) => nodeCount,
    },
    {
      id: "changed",
      header: words.changed,
      width: "8rem",
      from: "sm",
      firstDirection: "desc",
      value: ({ updatedAt }) => updatedAt,
      render: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
    },
    {
      id: "id",
      header: words.id,
      width: "8rem",
      from: "md",
      optional: true,
      sortable: false,
      value: ({ id }) => id,
      render: ({ id }) => <ShortId id={id} />,
    },
  ];
}

function LastRun(props: {
  run: FlowView["lastRun"];
  statuses: Record<(typeof RUN_STATUSES)[number], string>;
  never: string;
}) {
  const { run, statuses, never } = props;
  const status = run && RUN_STATUSES.find((one) => one === run.status);
  if (!run || !status) return <span className={classes.dim}>{never}</span>;
  return (
    <span className={classes.lastRun}>
      <StateBadge state={STATE_OF[status]} word={statuses[status]} variant="plain" size="sm" />
      <span className={classes.dim}>
        <RelativeTime at={run.createdAt} />
      </span>
    </span>
  );
}
