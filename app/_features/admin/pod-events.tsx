"use client";

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { shortenId } from "#app/_ui/copy/shorten-id.ts";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import type { State } from "#app/_ui/theme/palette.ts";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { formatDuration } from "#app/_ui/time/format-time.ts";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { Locale } from "#app/_ui/words/locales.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { podWords } from "./pod-words.ts";
import classes from "./pods.module.css";

const PAGE = 30;
const EVERY_MS = 5_000;

const EVENT_STATE: Record<string, State> = {
  created: "running",
  ready: "ok",
  adopted: "ok",
  claimed: "ok",
  assigned: "ok",
  draining: "waiting",
  kept: "attention",
  "health-failed": "attention",
  memory: "attention",
  crashed: "fault",
  failed: "fault",
};

/** What happened to pods, newest first; of one with `podId`. */
export function PodEvents({ podId }: { podId?: string }) {
  const words = useWords(podWords);
  const locale = useLocale();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const input = { limit: PAGE, ...(podId ? { podId } : {}) };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.pods.events.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.pods.events.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: EVERY_MS,
  });
  const events = query.data?.pages.flatMap(({ items }) => items);
  if (!events && query.isError)
    return <ErrorState error={query.error} title={words.eventsFailed} onRetry={() => void query.refetch()} />;
  if (!events) return <ListSkeleton rows={5} />;
  if (events.length === 0) return <p className={classes.none}>{words.noEvents}</p>;
  return (
    <>
      <ol className={classes.events}>
        {events.map(({ id, type, data, at, podId: of }) => (
          <li key={id}>
            <StateIcon state={EVENT_STATE[type] ?? "idle"} />
            <span>
              {words.types[type] ?? type}
              <small>{said(data, locale)}</small>
            </span>
            {!podId && <code title={of}>{shortenId(of)}</code>}
            <span className={classes.when}>
              <RelativeTime at={at} />
            </span>
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {words.more}
        </Button>
      )}
    </>
  );
}

/** What of an event's data is for people, in one line. */
function said(data: Record<string, unknown>, locale: Locale): string {
  const { reason, from, ms, name, memoryMb, code, signal } = data;
  return [
    name,
    from,
    reason,
    typeof ms === "number" ? formatDuration(ms, locale) : undefined,
    typeof memoryMb === "number" ? `${memoryMb} MB` : undefined,
    code,
    signal,
  ]
    .filter((one) => (typeof one === "string" && one !== "") || typeof one === "number")
    .join(" · ");
}
