"use client";

import { Button } from "@mantine/core";
import { IconDownload, IconListSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { NoMatch } from "#app/_ui/feedback/no-match.tsx";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { SearchInput } from "#app/_ui/table/search-input.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { AuditEntryView, AuditFilter } from "#server/features/audit/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { auditColumns } from "./audit-columns.tsx";
import { auditWords } from "./audit-words.ts";
import { Filter } from "./filter.tsx";
import { exportHref, sinceOf, PERIODS } from "./audit-filter.ts";
import classes from "./audit.module.css";

const AuditEntry = dynamic(() => import("./audit-entry.tsx").then((module) => module.AuditEntry), { ssr: false });

const PAGE = 50;
const OUTCOMES = ["ok", "refused", "failed"] as const;
const filters = {
  q: parseAsString.withDefault(""),
  act: parseAsString,
  outcome: parseAsStringLiteral(OUTCOMES),
  since: parseAsStringLiteral(PERIODS),
  of: parseAsStringLiteral(["all"] as const),
};

/** Entries newest first, filtered in the address. `owner`: may look at all workspaces. */
export function AuditLog({ owner }: { owner: boolean }) {
  return (
    <NuqsAdapter>
      <Entries owner={owner} />
    </NuqsAdapter>
  );
}

function Entries({ owner }: { owner: boolean }) {
  const words = useWords(auditWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [{ q, act, outcome, since, of }, setFilters] = useQueryStates(filters, { history: "replace" });
  // held still, so that the same question is asked while nothing is changed
  const [now] = useState(() => new Date());
  const [open, setOpen] = useState<AuditEntryView | null>(null);
  const everywhere = owner && of === "all";
  const filtered = q !== "" || act !== null || outcome !== null || since !== null;

  const filter: Partial<AuditFilter> = {
    ...(q ? { search: q } : {}),
    ...(act ? { action: act } : {}),
    ...(outcome ? { outcome } : {}),
    ...(since ? { from: sinceOf(since, now) } : {}),
    ...(everywhere ? { scope: "all" as const } : {}),
  };
  const input = { ...filter, limit: PAGE };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.audit.list.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.audit.list.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
  const choose = <T extends string>(from: readonly T[], value: string | null) =>
    from.find((one) => one === value) ?? null;

  return (
    <>
      <DataTable<AuditEntryView>
        name="audit"
        label={words.title}
        mainTable
        columns={auditColumns(words)}
        rows={query.data?.pages.flatMap(({ items }) => items)}
        rowKey={({ id }) => id}
        onOpen={setOpen}
        {...(open ? { current: open.id } : {})}
        error={query.error}
        onRetry={() => void query.refetch()}
        hasMore={query.hasNextPage}
        onMore={() => void query.fetchNextPage()}
        loadingMore={query.isFetchingNextPage}
        toolbar={
          <>
            <SearchInput
              className={classes.search ?? ""}
              label={words.search}
              value={q}
              onChange={(next) => void setFilters({ q: next || null })}
            />
            <Filter
              label={words.action}
              any={words.allActions}
              value={act}
              onChange={(value) => void setFilters({ act: value })}
              options={Object.entries(words.actions).map(([value, label]) => ({ value, label }))}
            />
            <Filter
              label={words.outcome}
              any={words.allOutcomes}
              value={outcome}
              onChange={(value) => void setFilters({ outcome: choose(OUTCOMES, value) })}
              options={OUTCOMES.map((value) => ({ value, label: words.outcomes[value] }))}
            />
            <Filter
              label={words.period}
              any={words.allTime}
              value={since}
              onChange={(value) => void setFilters({ since: choose(PERIODS, value) })}
              options={PERIODS.map((value) => ({ value, label: words.periods[value] }))}
            />
            {owner && (
              <Filter
                label={words.scope}
                any={words.workspace}
                value={everywhere ? "all" : null}
                onChange={(value) => void setFilters({ of: value === "all" ? "all" : null })}
                options={[{ value: "all", label: words.all }]}
              />
            )}
            <span className={classes.exports} role="group" aria-label={words.exportAs}>
              {(["csv", "jsonl"] as const).map((format) => (
                <Button
                  key={format}
                  component="a"
                  href={exportHref(filter, format)}
                  download
                  variant="default"
                  leftSection={<IconDownload size={16} />}
                >
                  {format === "csv" ? words.exportCsv : words.exportJson}
                </Button>
              ))}
            </span>
          </>
        }
        empty={
          filtered ? (
            <NoMatch
              title={words.noMatch}
              clear={words.clear}
              onClear={() => void setFilters({ q: null, act: null, outcome: null, since: null })}
            />
          ) : (
            <EmptyState icon={<IconListSearch />} title={words.none} />
          )
        }
      />
      <AuditEntry entry={open} onClose={() => setOpen(null)} />
    </>
  );
}
