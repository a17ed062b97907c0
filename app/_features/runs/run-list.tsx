"use client";

import { Button, Select } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { NoMatch } from "#app/_ui/feedback/no-match.tsx";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { SearchInput } from "#app/_ui/table/search-input.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { RunFilter, RunView } from "#server/features/runs/schema.ts";
import { RUN_KINDS, RUN_STATUSES } from "#server/features/runs/values.schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { runColumns } from "./run-columns.tsx";
import { kindWords, statusWords } from "./run-state.ts";
import { runWords } from "./run-words.ts";
import classes from "./runs.module.css";

const PAGE = 50;
const filters = {
  kind: parseAsStringLiteral(RUN_KINDS),
  status: parseAsStringLiteral(RUN_STATUSES),
  q: parseAsString.withDefault(""),
};
/** How often other workspaces are looked at. */
const EVERYWHERE_MS = 5_000;

/**
 * Runs newest first, filtered in the address; `everywhere`: of all workspaces, for the platform's owner; `subjectId`: of
 * one flow.
 */
export function RunList({ everywhere = false, subjectId }: { everywhere?: boolean; subjectId?: string }) {
  return (
    <NuqsAdapter>
      <FilteredRuns everywhere={everywhere} subjectId={subjectId} />
    </NuqsAdapter>
  );
}

function FilteredRuns({ everywhere, subjectId }: { everywhere: boolean; subjectId: string | undefined }) {
  const words = useWords(runWords);
  const statuses = useWords(statusWords);
  const kinds = useWords(kindWords);
  const locale = useLocale();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [{ kind, status, q }, setFilters] = useQueryStates(filters, { history: "replace" });
  const filtered = kind !== null || status !== null || q !== "";

  const input: Partial<RunFilter> = {
    limit: PAGE,
    ...(kind ? { kind } : {}),
    ...(status ? { status } : {}),
    ...(q && !everywhere ? { search: q } : {}),
    ...(subjectId ? { subjectId } : {}),
  };
  const query = useInfiniteQuery({
    queryKey: pagedKey((everywhere ? trpc.runs.everywhere : trpc.runs.list).queryKey(input)),
    queryFn: ({ pageParam, signal }) => {
      const page = { ...input, ...(pageParam ? { cursor: pageParam } : {}) };
      return everywhere ? client.runs.everywhere.query(page, { signal }) : client.runs.list.query(page, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    // the subscription tells of the own workspace alone
    ...(everywhere ? { refetchInterval: EVERYWHERE_MS } : {}),
  });
  const rows = query.data?.pages.flatMap(({ items }) => items);

  return (
    <DataTable<RunView>
      name={everywhere ? "admin-runs" : subjectId ? "flow-runs" : "runs"}
      label={words.runsOfWorkspace}
      mainTable
      columns={runColumns({ words, statuses, kinds, locale, everywhere })}
      rows={rows}
      rowKey={({ id }) => id}
      {...(everywhere ? {} : { href: ({ id }: RunView) => `/runs/${id}` })}
      error={query.error}
      onRetry={() => void query.refetch()}
      hasMore={query.hasNextPage}
      onMore={() => void query.fetchNextPage()}
      loadingMore={query.isFetchingNextPage}
      toolbar={
        <>
          {!everywhere && (
            <SearchInput
              className={classes.search ?? ""}
              value={q}
              onChange={(next) => void setFilters({ q: next || null })}
              label={words.search}
            />
          )}
          {!subjectId && (
            <Select
              aria-label={words.kind}
              placeholder={words.allKinds}
              clearable
              className={classes.filter}
              value={kind}
              onChange={(value) => void setFilters({ kind: RUN_KINDS.find((one) => one === value) ?? null })}
              data={RUN_KINDS.map((value) => ({ value, label: kinds[value] }))}
            />
          )}
          <Select
            aria-label={words.status}
            placeholder={words.allStates}
            clearable
            className={classes.filter}
            value={status}
            onChange={(value) => void setFilters({ status: RUN_STATUSES.find((one) => one === value) ?? null })}
            data={RUN_STATUSES.map((value) => ({ value, label: statuses[value] }))}
          />
        </>
      }
      empty={
        filtered ? (
          <NoMatch
            title={words.noMatch}
            clear={words.clear}
            onClear={() => void setFilters({ kind: null, status: null, q: null })}
          />
        ) : (
          <EmptyState
            icon={<IconListDetails />}
            title={words.empty}
            action={
              !subjectId && (
                <Button component={Link} href="/chat">
                  {words.openChat}
                </Button>
              )
            }
          >
            <p>{subjectId ? words.emptyFlow : words.emptyHint}</p>
          </EmptyState>
        )
      }
    />
  );
}
