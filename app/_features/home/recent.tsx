"use client";

import { IconListDetails, IconMessage } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { kindWords, STATE_OF, statusWords } from "../runs/run-state.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

const SHOWN = 6;

export function RecentRuns() {
  const words = useWords(homeWords);
  const statuses = useWords(statusWords);
  const kinds = useWords(kindWords);
  const runs = useQuery(useTRPC().runs.list.queryOptions({ limit: SHOWN }));
  return (
    <RecentPanel title={words.recentRuns} href="/runs" query={runs} failed={words.runsFailed}>
      {runs.data?.items.length === 0 ? (
        <EmptyState icon={<IconListDetails />} title={words.noRuns}>
          {words.noRunsText}
        </EmptyState>
      ) : (
        <ul className={classes.list}>
          {runs.data?.items.map((run) => (
            <li key={run.id}>
              <StateIcon state={STATE_OF[run.status]} label={statuses[run.status]} />
              <div className={classes.entry}>
                <Link className={classes.entryLink} href={`/runs/${run.id}`}>
                  {run.title}
                </Link>
                <span className={classes.entryDetail}>
                  {statuses[run.status]} · {kinds[run.kind]} · {run.actorName}
                </span>
              </div>
              <span className={classes.when}>
                <RelativeTime at={run.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </RecentPanel>
  );
}

export function RecentChats() {
  const words = useWords(homeWords);
  const chats = useQuery(useTRPC().chat.sessions.queryOptions({ limit: SHOWN }));
  return (
    <RecentPanel title={words.recentChats} href="/chat" query={chats} failed={words.chatsFailed}>
      {chats.data?.items.length === 0 ? (
        <EmptyState icon={<IconMessage />} title={words.noChats}>
          {words.noChatsText}
        </EmptyState>
      ) : (
        <ul className={classes.list}>
          {chats.data?.items.map((chat) => (
            <li key={chat.id}>
              <IconMessage size={16} stroke={1.75} aria-hidden="true" className={classes.entryIcon} />
              <div className={classes.entry}>
                <Link className={classes.entryLink} href={`/chat/${chat.id}`}>
                  {chat.title}
                </Link>
                {chat.activeRunId && <StateBadge state="running" variant="plain" size="sm" word={words.answering} />}
              </div>
              <span className={classes.when}>
                <RelativeTime at={chat.updatedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </RecentPanel>
  );
}

function RecentPanel({
  title,
  href,
  query,
  failed,
  children,
}: {
  title: string;
  href: string;
  query: {
    isPending: boolean;
    isError: boolean;
    isFetching: boolean;
    error: unknown;
    data: unknown;
    refetch: () => unknown;
  };
  failed: string;
  children: ReactNode;
}) {
  const words = useWords(homeWords);
  const known = query.data !== undefined;
  return (
    <Panel
      flush
      title={title}
      actions={
        <Link className={classes.all} href={href} aria-label={`${words.all}: ${title}`}>
          {words.all}
        </Link>
      }
    >
      {!known && query.isError ? (
        <ErrorState
          error={query.error}
          title={failed}
          onRetry={() => void query.refetch()}
          retrying={query.isFetching}
        />
      ) : known ? (
        children
      ) : (
        <ListSkeleton rows={SHOWN} />
      )}
    </Panel>
  );
}
