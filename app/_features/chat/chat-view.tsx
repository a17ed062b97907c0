"use client";

import { ActionIcon, Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconArrowDown, IconListSearch, IconPlus } from "@tabler/icons-react";
import { skipToken, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useState } from "react";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { whenIdle } from "#app/_ui/load/when-idle.ts";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { useOpenSessions } from "./chat-frame.tsx";
import { chatWords } from "./chat-words.ts";
import { Composer, type Tier } from "./composer.tsx";
import { EmptyChat } from "./empty-chat.tsx";
import { Messages } from "./messages.tsx";
import { useChatActs } from "./use-chat-acts.ts";
import { useDraft } from "./use-draft.ts";
import { useStickToEnd } from "./use-stick-to-end.ts";
import classes from "./conversation.module.css";

/** A conversation, or without an id the beginning of one. Keyed by the id. */
export function ChatView({ id }: { id: string | null }) {
  const words = useWords(chatWords);
  const trpc = useTRPC();
  const router = useRouter();
  const openSessions = useOpenSessions();
  const query = useQuery(trpc.chat.session.queryOptions(id ? { id } : skipToken));
  const models = useQuery(trpc.models.status.queryOptions());
  const [tier, setTier] = useLocalStorage<Tier>({ key: "osf-tier", defaultValue: "free" });
  const [draft, setDraft] = useDraft(id ?? "new");
  const [said, say] = useState("");
  const { scroller, content, away, follow, toEnd } = useStickToEnd();
  const { send, retry, stop, reload } = useChatActs((sessionId) => {
    if (!id) router.push(`/chat/${sessionId}`);
  });

  const conversation = query.data;
  const runId = conversation?.session.activeRunId ?? null;
  const title = conversation?.session.title;
  useEffect(() => {
    if (title) document.title = `${title} · OSF Gateway`;
  }, [title]);
  // there before the first word of an answer is
  useEffect(() => whenIdle(() => void import("#app/_ui/markdown/markdown.tsx").catch(() => undefined)), []);
  const onEnd = useCallback(() => id && void reload(id), [id, reload]);

  const ask = (message: string) => {
    setDraft("");
    follow();
    send.mutate(
      { message, tier, ...(id ? { sessionId: id } : {}) },
      // what was typed meanwhile is not thrown away for it
      { onError: () => setDraft(message) },
    );
  };
  const missing = query.isError && toProblem(query.error).status === 404;

  return (
    <div className={classes.whole}>
      <header className={classes.head} data-new={!id || undefined}>
        <Tooltip label={words.openChats}>
          <ActionIcon className={classes.narrowOnly} onClick={openSessions} aria-label={words.openChats}>
            <IconListSearch size={18} />
          </ActionIcon>
        </Tooltip>
        {id ? (
          <h1 className={classes.title}>{title ?? <span className="osf-sr-only">{words.conversation}</span>}</h1>
        ) : (
          <span className={classes.title}>{words.newChat}</span>
        )}
        {id && (
          <Tooltip label={words.newChat}>
            <ActionIcon
              className={classes.narrowOnly}
              component={Link}
              href="/chat"
              aria-label={words.newChat}
              ml="auto"
            >
              <IconPlus size={18} />
            </ActionIcon>
          </Tooltip>
        )}
      </header>
      <div className={classes.scrollArea}>
        {/* it scrolls: without focus the keyboard cannot reach what is out of sight */}
        <div ref={scroller} className={classes.scroller} tabIndex={0} role="region" aria-label={words.conversation}>
          <div ref={content} className={classes.content}>
            {missing ? (
              <div className={classes.state}>
                <MissingState size="compact">{words.sessionMissing}</MissingState>
              </div>
            ) : query.isError && !conversation ? (
              <div className={classes.state}>
                <ErrorState error={query.error} title={words.sessionFailed} onRetry={() => void query.refetch()} />
              </div>
            ) : id && !conversation ? (
              <TextSkeleton lines={6} />
            ) : !id && !send.isPending ? (
              <EmptyChat onAsk={ask} />
            ) : (
              <Messages
                messages={conversation?.messages ?? []}
                activeRunId={runId}
                pending={send.isPending ? send.variables.message : null}
                onEnd={onEnd}
                say={say}
                onRetry={(before) => id && retry.mutate({ sessionId: id, runId: before })}
                retrying={retry.isPending}
              />
            )}
          </div>
        </div>
        {away && conversation && (
          <Button
            className={classes.jump}
            variant="default"
            radius="xl"
            leftSection={<IconArrowDown size={16} />}
            onClick={toEnd}
          >
            {words.jump}
          </Button>
        )}
      </div>
      {!missing && (
        <Composer
          text={draft}
          onText={setDraft}
          onSend={ask}
          answering={runId !== null}
          onStop={() => runId && stop.mutate({ id: runId })}
          stopping={stop.isPending}
          sending={send.isPending}
          paused={send.isPaused}
          tier={tier}
          onTier={setTier}
          models={models.data}
          error={
            send.error ?? retry.error ?? (stop.error && toProblem(stop.error).code !== "run.ended" ? stop.error : null)
          }
        />
      )}
      <div role="status" aria-live="polite" className="osf-sr-only">
        {said}
      </div>
    </div>
  );
}
