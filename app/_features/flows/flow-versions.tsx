"use client";

import { Drawer } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail, FlowNode, FlowVersion } from "#server/features/flows/schema.ts";
import type { z } from "zod";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { compareNodes } from "./compare-nodes.ts";
import { flowWords } from "./flow-words.ts";
import { FlowGraph } from "./graph/flow-graph.tsx";
import type { Marks, NodeMark } from "./graph/marks.ts";
import { useFlowPlace } from "./graph/use-flow-place.ts";
import classes from "./flows.module.css";

type Version = z.infer<typeof FlowVersion>;
const PAGE = 50;

/** The revisions that changed the flow; each opens to its graph with what is different now. */
export function FlowVersions({ flow, mayWrite }: { flow: FlowDetail; mayWrite: boolean }) {
  const words = useWords(flowWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [open, setOpen] = useState<number | null>(null);
  const input = { id: flow.id, limit: PAGE };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.flows.versions.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.flows.versions.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.pages.flatMap(({ items }) => items);
  const newest = rows?.[0]?.revision;
  const columns: Column<Version>[] = [
    {
      id: "revision",
      header: words.revision,
      sortable: false,
      value: ({ revision }) => revision,
      render: ({ revision }) => (
        <span>
          {words.version(revision)}
          {revision === newest && <span className={classes.off}>{words.current}</span>}
        </span>
      ),
    },
    {
      id: "source",
      header: words.source,
      width: "10rem",
      sortable: false,
      value: ({ source }) => words.sources[source] ?? source,
    },
    { id: "author", header: words.author, width: "12rem", from: "sm", sortable: false, value: (v) => v.authorName },
    {
      id: "when",
      header: words.when,
      width: "9rem",
      sortable: false,
      value: ({ createdAt }) => createdAt,
      render: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
  ];
  return (
    <>
      <p className={classes.note}>{words.versionsHint}</p>
      <DataTable<Version>
        name="flow-versions"
        label={words.tabs.versions}
        columns={columns}
        rows={rows}
        rowKey={({ revision }) => String(revision)}
        onOpen={({ revision }) => setOpen(revision)}
        {...(open === null ? {} : { current: String(open) })}
        error={query.error}
        onRetry={() => void query.refetch()}
        hasMore={query.hasNextPage}
        onMore={() => void query.fetchNextPage()}
        loadingMore={query.isFetchingNextPage}
        empty={<EmptyState title={words.noVersions} />}
      />
      <VersionDrawer
        flow={flow}
        revision={open}
        mayRestore={mayWrite && open !== newest}
        onClose={() => setOpen(null)}
      />
    </>
  );
}

function VersionDrawer(props: { flow: FlowDetail; revision: number | null; mayRestore: boolean; onClose: () => void }) {
  const { flow, revision, mayRestore, onClose } = props;
  const words = useWords(flowWords);
  const [shown, setShown] = useState(revision);
  if (revision !== null && revision !== shown) setShown(revision);
  return (
    <Drawer
      opened={revision !== null}
      onClose={onClose}
      position="right"
      size="min(64rem, 100vw)"
      title={shown === null ? "" : words.versionTitle(shown)}
    >
      {shown !== null && (
        <VersionView key={shown} flow={flow} revision={shown} mayRestore={mayRestore} onRestored={onClose} />
      )}
    </Drawer>
  );
}

function VersionView(props: { flow: FlowDetail; revision: number; mayRestore: boolean; onRestored: () => void }) {
  const { flow, revision, mayRestore, onRestored } = props;
  const words = useWords(flowWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const query = useQuery(trpc.flows.version.queryOptions({ id: flow.id, revision }));
  const update = useMutation(trpc.flows.update.mutationOptions());
  if (query.isError && !query.data)
    return <ErrorState error={query.error} title={words.versionFailed} onRetry={() => void query.refetch()} />;
  if (!query.data) return <BlockSkeleton height={420} />;
  const { nodes } = query.data;
  const restore = async () => {
    // The revision seen here: what somebody deployed since is not replaced unseen.
    await update
      .mutateAsync({ id: flow.id, nodes, revision: flow.revision })
      .finally(() => queries.invalidateQueries(trpc.flows.pathFilter()));
    onRestored();
  };
  return (
    <div className={classes.form}>
      <VersionGraph flow={flow} nodes={nodes} />
      {mayRestore && (
        <div className={classes.acts}>
          <ConfirmButton
            title={words.restoreTitle(revision)}
            description={words.restoreText}
            confirm={words.restore}
            danger={false}
            onConfirm={restore}
          >
            {words.restore}
          </ConfirmButton>
        </div>
      )}
    </div>
  );
}

function VersionGraph({ flow, nodes }: { flow: FlowDetail; nodes: FlowNode[] }) {
  const words = useWords(flowWords);
  const place = useFlowPlace(nodes, flow.tabId);
  const { added, removed, changed } = useMemo(() => compareNodes(nodes, flow.nodes), [nodes, flow.nodes]);
  const marks = useMemo((): Marks => {
    const mark = (ids: string[], one: NodeMark) => ids.map((id): [string, NodeMark] => [id, one]);
    return {
      nodes: new Map([
        ...mark(removed, { state: "idle", word: words.wasAdded }),
        ...mark(changed, { state: "attention", word: words.wasChanged }),
      ]),
      wires: new Map(),
    };
  }, [removed, changed, words]);
  const parts = [
    added.length > 0 ? words.added(added.length) : "",
    removed.length > 0 ? words.removed(removed.length) : "",
    changed.length > 0 ? words.altered(changed.length) : "",
  ].filter(Boolean);
  return (
    <>
      <p className={classes.note}>{parts.length > 0 ? `${words.compared}: ${parts.join(", ")}.` : words.same}</p>
      <div className={classes.graph} data-framed>
        <FlowGraph place={place} marks={marks} />
      </div>
    </>
  );
}
