"use client";

import { ActionIcon, SegmentedControl } from "@mantine/core";
import { IconArrowLeft, IconInbox } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useState } from "react";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FullFrame } from "#app/_ui/layout/page-frame.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ApprovalView } from "#server/features/approvals/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { BOXES, boxOf, type Box } from "./boxes.ts";
import { InboxList } from "./inbox-list.tsx";
import { inboxWords } from "./inbox-words.ts";
import classes from "./inbox.module.css";

const Approval = dynamic(() => import("./approval-view.tsx").then((module) => module.Approval), {
  ssr: false,
  loading: () => <BlockSkeleton height={320} />,
});

const PAGE = 50;

/** Everything that waits for a person: the list beside the question; on a phone one after the other. */
export function InboxPage({ box: firstBox, id: firstId }: { box: Box; id: string | null }) {
  const words = useWords(inboxWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [box, setBox] = useState(firstBox);
  const [chosen, setChosen] = useState(firstId);
  const counts = useQuery(trpc.approvals.count.queryOptions());
  const input = { box, limit: PAGE };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.approvals.list.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.approvals.list.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
  const items = query.isPlaceholderData ? undefined : query.data?.pages.flatMap((page) => page.items);
  // where there is room, the first one is open without a click
  const shown = chosen ?? items?.[0]?.id ?? null;

  const go = (next: { box?: Box; id?: string | null }) => {
    const to = { box, id: chosen, ...next };
    setBox(to.box);
    setChosen(to.id);
    const params = new URLSearchParams({
      ...(to.box === "mine" ? {} : { box: to.box }),
      ...(to.id ? { id: to.id } : {}),
    });
    window.history.replaceState(null, "", params.size > 0 ? `/inbox?${params}` : "/inbox");
  };
  /** What was answered stays in sight with its outcome; the next open one is one key away. */
  const onDone = (answered: ApprovalView) => {
    if (box === "past") return;
    const rest = (items ?? []).filter(({ id }) => id !== answered.id);
    const at = (items ?? []).findIndex(({ id }) => id === answered.id);
    if (answered.status !== "open") go({ id: (rest[at] ?? rest[at - 1])?.id ?? answered.id });
  };

  return (
    <FullFrame>
      <div className={classes.frame} data-open={chosen !== null || undefined}>
        <section className={classes.side} aria-label={words.inbox}>
          <header className={classes.sideHead}>
            <h1>{words.inbox}</h1>
            <SegmentedControl
              size="xs"
              fullWidth
              aria-label={words.box}
              value={box}
              onChange={(value) => go({ box: boxOf(value), id: null })}
              data={BOXES.map((one) => {
                const count = one === "past" ? 0 : (counts.data?.[one] ?? 0);
                return { value: one, label: count > 0 ? `${words.boxes[one]} ${count}` : words.boxes[one] };
              })}
            />
          </header>
          <div className={classes.scroll}>
            <InboxList
              box={box}
              items={items}
              selected={shown}
              onSelect={(id) => go({ id })}
              onTeam={() => go({ box: "team", id: null })}
              error={query.error}
              onRetry={() => void query.refetch()}
              hasMore={query.hasNextPage}
              onMore={() => void query.fetchNextPage()}
              loadingMore={query.isFetchingNextPage}
            />
          </div>
          <p className={classes.keys}>{words.keyHelp}</p>
        </section>
        <section className={classes.main} aria-label={words.choose}>
          <div className={classes.backRow}>
            <ActionIcon size={40} aria-label={words.back} onClick={() => go({ id: null })}>
              <IconArrowLeft size={20} />
            </ActionIcon>
            <span>{words.inbox}</span>
          </div>
          {shown ? (
            <Chosen key={shown} id={shown} known={items?.find(({ id }) => id === shown)} onDone={onDone} />
          ) : (
            items &&
            items.length > 0 && (
              <EmptyState icon={<IconInbox />} title={words.choose} size="page">
                <p>{words.chooseHint}</p>
              </EmptyState>
            )
          )}
        </section>
      </div>
    </FullFrame>
  );
}

function Chosen(props: { id: string; known: ApprovalView | undefined; onDone: (answered: ApprovalView) => void }) {
  const { id, known, onDone } = props;
  const words = useWords(inboxWords);
  const query = useQuery({
    ...useTRPC().approvals.byId.queryOptions({ id }),
    ...(known ? { placeholderData: known } : {}),
  });
  if (query.data) return <Approval approval={query.data} keys onDone={onDone} />;
  if (query.isError)
    return toProblem(query.error).status === 404 ? (
      <MissingState size="compact">{words.missing}</MissingState>
    ) : (
      <ErrorState error={query.error} title={words.oneFailed} onRetry={() => void query.refetch()} />
    );
  return <BlockSkeleton height={320} />;
}
