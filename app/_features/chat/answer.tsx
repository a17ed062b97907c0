"use client";

import { Button } from "@mantine/core";
import { IconArrowBackUp, IconListDetails, IconRefresh } from "@tabler/icons-react";
import Link from "next/link";
import dynamic from "next/dynamic";
import { useEffect, useEffectEvent } from "react";
import { CopyButton } from "#app/_ui/copy/copy-button.tsx";
import { LazyMarkdown } from "#app/_ui/markdown/lazy-markdown.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ChatMessageView } from "#server/features/chat/schema.ts";
import { messageParts, type Turn } from "#server/features/chat/fold.schema.ts";
import type { MessagePart, ToolPart } from "#server/features/chat/turn.schema.ts";
import type { FeedState } from "../runs/use-run-events.ts";
import { chatWords } from "./chat-words.ts";
import { ToolCard } from "./tool-card.tsx";
import { useTurn } from "./use-turn.ts";
import classes from "./conversation.module.css";

const Charts = dynamic(() => import("./answer-charts.tsx").then((module) => module.AnswerCharts), { ssr: false });

export interface AnswerProps {
  runId: string | null;
  /** The stored answer; without it the turn is followed live. */
  message?: ChatMessageView | undefined;
  /** Writes this answer anew; given for the last one only. */
  onRetry?: (() => void) | undefined;
  retrying?: boolean;
  onEnd?: (runId: string) => void;
  /** Says to those who do not see it what happens. */
  say?: (words: string) => void;
}

/** An answer, first as it is written, then as it is kept: one component, so that nothing jumps when it is done. */
export function Answer({ runId, message, onRetry, retrying, onEnd, say }: AnswerProps) {
  const words = useWords(chatWords);
  const { turn, feed } = useTurn(message ? null : runId);
  const ended = feed === "ended";
  const parts = message?.parts ?? messageParts(turn);
  const status = message?.status ?? (turn.state === "queued" || turn.state === "running" ? "live" : turn.state);
  const tellEnd = useEffectEvent(() => {
    if (runId) onEnd?.(runId);
    say?.(words.complete);
  });
  useEffect(() => {
    if (ended) tellEnd();
  }, [ended]);
  const called = turn.steps.flatMap(({ calls }) => calls).findLast(({ state }) => state === "running")?.title;
  const tellCall = useEffectEvent((title: string) => say?.(words.called(title)));
  useEffect(() => {
    if (called) tellCall(called);
  }, [called]);

  const calls = parts.filter((part) => part.type === "tool");
  const asks = calls.find(
    ({ state, approval, form }) => state === "running" && (approval?.state === "open" || form?.state === "open"),
  )?.callId;
  const tellAsks = useEffectEvent(() => say?.(words.asksYou));
  useEffect(() => {
    if (asks) tellAsks();
  }, [asks]);
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n\n");
  return (
    <article className={classes.answer} aria-label={words.answer} aria-busy={status === "live"}>
      <Parts parts={parts} runId={runId} />
      {turn.withdrawn > 0 && (
        <p className={classes.quiet}>
          <IconArrowBackUp size={16} aria-hidden="true" />
          {status === "live" ? words.withdrawn : words.withdrawnDone}
        </p>
      )}
      {status === "live" && <Progress turn={turn} feed={feed} />}
      {status !== "live" && (
        <>
          <Charts calls={calls} />
          {status === "stopped" && (
            <p className={classes.quiet}>
              <StateBadge state="idle" word={parts.length > 0 ? words.stopped : words.stoppedEmpty} variant="plain" />
            </p>
          )}
          <footer className={classes.foot}>
            <Sources calls={calls} />
            <span className={classes.acts}>
              {text && <CopyButton value={text} what={words.copyAnswer} />}
              {onRetry && (
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  leftSection={<IconRefresh size={16} stroke={1.75} />}
                  onClick={onRetry}
                  loading={retrying ?? false}
                >
                  {words.writeAnew}
                </Button>
              )}
              {runId && (
                <Button
                  component={Link}
                  href={`/runs/${runId}`}
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  leftSection={<IconListDetails size={16} stroke={1.75} />}
                >
                  {words.showRun}
                </Button>
              )}
            </span>
          </footer>
        </>
      )}
    </article>
  );
}

function Parts({ parts, runId }: { parts: MessagePart[]; runId: string | null }) {
  const words = useWords(chatWords);
  return parts.map((part, index) => {
    if (part.type === "tool") return <ToolCard key={part.callId} call={part} runId={runId} />;
    // texts have no id of their own, and only the last one grows
    // oxlint-disable-next-line react/no-array-index-key
    if (part.type === "text") return <LazyMarkdown key={`text-${index}`}>{part.text}</LazyMarkdown>;
    return (
      <div key="error" className={classes.failure} role="alert">
        <StateBadge state="fault" word={words.failed} variant="plain" />
        <p>{part.message}</p>
        <p className={classes.hint}>
          {part.code === "model.unconfigured" ? words.unconfiguredHint : words.retryIsSafe}
        </p>
      </div>
    );
  });
}

/** What the turn does or waits for, always in words. */
function Progress({ turn, feed }: { turn: Turn; feed: FeedState }) {
  const words = useWords(chatWords);
  if (feed === "lost")
    return (
      <p className={classes.quiet} role="status">
        <StateBadge state="attention" word={words.lost} variant="plain" />
      </p>
    );
  const last = turn.steps.at(-1);
  if (last?.calls.some(({ state }) => state === "running")) return null; // the card says it
  const place = turn.queuePosition;
  const doing = !last || last.calls.length > 0 ? words.thinking : last.finished ? words.finishing : words.writing;
  const [state, word] =
    place !== undefined
      ? (["waiting", place > 1 ? words.turnAfter(place - 1) : words.turnNext] as const)
      : turn.state === "queued"
        ? (["waiting", feed === "live" ? words.queued : words.sent] as const)
        : (["running", doing] as const);
  return (
    <p className={classes.progress}>
      <StateBadge state={state} word={word} variant="plain" />
    </p>
  );
}

/** Which tools an answer rests on; each leads to its last call above. */
function Sources({ calls }: { calls: ToolPart[] }) {
  const words = useWords(chatWords);
  const used = [...new Map(calls.filter(({ state }) => state === "ok").map((call) => [call.name, call])).values()];
  if (used.length === 0) return <span />;
  return (
    <p className={classes.sources}>
      {words.sources}{" "}
      {used.map((call) => (
        <a key={call.name} href={`#call-${call.callId}`} title={call.title}>
          <code>{call.name}</code>
        </a>
      ))}
    </p>
  );
}
