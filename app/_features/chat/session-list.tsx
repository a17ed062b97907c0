"use client";

import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch, IconX } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { useFormatTag, useHydrated, useNow, useWords } from "#app/_ui/words/locale.tsx";
import type { ChatSessionView } from "#server/features/chat/schema.ts";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { chatWords } from "./chat-words.ts";
import { groupByDay } from "./group-by-day.ts";
import { SessionRow } from "./session-row.tsx";
import classes from "./chat-frame.module.css";

const DeleteSession = dynamic(() => import("./delete-session.tsx").then((module) => module.DeleteSession), {
  ssr: false,
});

const PAGE = 40;
const MINUTE = () => 60_000;

/** One's own chats: newest first, by day, searched by name. */
export function SessionList({ current }: { current: string | null }) {
  const words = useWords(chatWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [doomed, setDoomed] = useState<ChatSessionView | null>(null);
  // the dialog is loaded with its first use, and kept so that it can fade out
  const [everDoomed, setEverDoomed] = useState(false);
  if (doomed && !everDoomed) setEverDoomed(true);
  const input = { ...(search ? { search } : {}), limit: PAGE };
  const query = useInfiniteQuery({
    queryKey: pagedKey(trpc.chat.sessions.queryKey(input)),
    queryFn: ({ pageParam, signal }) =>
      client.chat.sessions.query({ ...input, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
  const sessions = query.data?.pages.flatMap(({ items }) => items);

  return (
    <div className={classes.list}>
      <div className={classes.tools}>
        <Button component={Link} href="/chat" variant="default" leftSection={<IconPlus size={16} />}>
          {words.newChat}
        </Button>
        <TextInput
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          rightSection={
            typed && (
              <ActionIcon size={24} onClick={() => setTyped("")} aria-label={words.clearSearch}>
                <IconX size={14} />
              </ActionIcon>
            )
          }
        />
      </div>
      <nav className={classes.groups} aria-label={words.chats}>
        {query.isError && !sessions ? (
          <ErrorState error={query.error} title={words.sessionsFailed} onRetry={() => void query.refetch()} />
        ) : !sessions ? (
          <ListSkeleton rows={8} />
        ) : sessions.length === 0 ? (
          <p className={classes.note}>{search ? words.noneFound(search) : words.noneYet}</p>
        ) : (
          <Groups sessions={sessions} current={current} onDelete={setDoomed} />
        )}
        {query.hasNextPage && (
          <Button
            fullWidth
            variant="subtle"
            color="gray"
            onClick={() => void query.fetchNextPage()}
            loading={query.isFetchingNextPage}
          >
            {words.more}
          </Button>
        )}
      </nav>
      {everDoomed && <DeleteSession session={doomed} current={current} onClose={() => setDoomed(null)} />}
    </div>
  );
}

function Groups({
  sessions,
  current,
  onDelete,
}: {
  sessions: ChatSessionView[];
  current: string | null;
  onDelete: (session: ChatSessionView) => void;
}) {
  const words = useWords(chatWords);
  const tag = useFormatTag();
  const now = useNow(MINUTE);
  // days are the reader's, whose zone the server does not know
  const hydrated = useHydrated();
  if (!hydrated) return null;
  const nameOf = (key: string) => {
    if (key === "today" || key === "yesterday" || key === "week") return words[key];
    return new Intl.DateTimeFormat(tag, { month: "long", year: "numeric" }).format(new Date(`${key}-15T12:00:00`));
  };
  return groupByDay(sessions, new Date(now)).map(({ key, items }) => (
    <section key={key} className={classes.group} aria-label={nameOf(key)}>
      <h2>{nameOf(key)}</h2>
      <ul>
        {items.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            current={session.id === current}
            onDelete={() => onDelete(session)}
          />
        ))}
      </ul>
    </section>
  ));
}
