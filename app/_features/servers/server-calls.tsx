"use client";

import { IconListSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { AuditEntryView } from "#server/features/audit/schema.ts";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { auditColumns } from "../audit/audit-columns.tsx";
import { AuditEntry } from "../audit/audit-entry.tsx";
import { auditWords } from "../audit/audit-words.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { serversWords } from "./servers-words.ts";

const PAGE = 50;
const EVERY_MS = 5_000;

/** The last calls of a server's tools in this workspace, from the audit. */
export function ServerCalls({ server }: { server: UpstreamView }) {
  const words = useWords(serversWords);
  const audit = useWords(auditWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [open, setOpen] = useState<AuditEntryView | null>(null);
  const input = { action: "tool.call", search: `${server.name}.`, limit: PAGE };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.audit.list.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.audit.list.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: EVERY_MS,
  });
  const rows = query.data?.pages
    .flatMap(({ items }) => items)
    // the search finds the name anywhere
    .filter(({ subject }) => subject?.startsWith(`${server.name}.`));
  return (
    <>
      <DataTable<AuditEntryView>
        name="server-calls"
        label={words.tabs.logs}
        mainTable
        columns={auditColumns(audit)}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={setOpen}
        {...(open ? { current: open.id } : {})}
        error={query.error}
        onRetry={() => void query.refetch()}
        hasMore={query.hasNextPage}
        onMore={() => void query.fetchNextPage()}
        loadingMore={query.isFetchingNextPage}
        empty={<EmptyState icon={<IconListSearch />} title={words.noCalls} />}
      />
      <AuditEntry entry={open} onClose={() => setOpen(null)} />
    </>
  );
}
