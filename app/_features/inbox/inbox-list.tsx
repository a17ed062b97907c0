"use client";

import { Button } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef, type KeyboardEvent as ReactKeyboardEvent } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ApprovalView } from "#server/features/approvals/schema.ts";
import { APPROVAL_STATE } from "./approval-view.tsx";
import type { Box } from "./boxes.ts";
import { inboxWords } from "./inbox-words.ts";
import classes from "./inbox.module.css";

interface InboxListProps {
  box: Box;
  items: ApprovalView[] | undefined;
  selected: string | null;
  onSelect: (id: string) => void;
  onTeam: () => void;
  error: unknown;
  onRetry: () => void;
  hasMore: boolean;
  onMore: () => void;
  loadingMore: boolean;
}

/** The questions of a box; j and k and the arrows move in it. */
export function InboxList(props: InboxListProps) {
  const { box, items, selected, onSelect, error, onRetry } = props;
  const words = useWords(inboxWords);
  const list = useRef<HTMLUListElement>(null);

  const move = useEffectEvent((by: 1 | -1) => {
    if (!items || items.length === 0) return;
    const at = items.findIndex(({ id }) => id === selected);
    const next = items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + by))];
    if (!next) return;
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(next.id)}"]`)?.focus();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof Element ? event.target : null;
      if (at?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
      if (event.key === "j") move(1);
      else if (event.key === "k") move(-1);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  const arrows = (event: ReactKeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  };

  if (!items && error) return <ErrorState error={error} title={words.loadFailed} onRetry={onRetry} />;
  if (!items) return <ListSkeleton rows={6} />;
  if (items.length === 0)
    return (
      <EmptyState
        icon={<IconInbox />}
        title={words.empty[box]}
        action={
          box === "mine" && (
            <Button variant="default" onClick={props.onTeam}>
              {words.lookAtTeam}
            </Button>
          )
        }
      >
        <p>{words.emptyHint[box]}</p>
      </EmptyState>
    );
  return (
    <>
      <ul ref={list} className={classes.list} aria-label={words.list} onKeyDown={arrows}>
        {items.map((item) => (
          <li key={item.id}>
            <button
              type="button"
              data-id={item.id}
              className={classes.item}
              aria-current={item.id === selected || undefined}
              onClick={() => onSelect(item.id)}
            >
              <StateIcon state={APPROVAL_STATE[item.status]} label={words.states[item.status]} />
              <span className={classes.itemTitle}>{item.title || item.question}</span>
              <span className={classes.itemWhen}>
                <RelativeTime at={item.decidedAt ?? item.createdAt} />
              </span>
              <span className={classes.itemSub}>
                {[item.flowName, item.starterName].filter(Boolean).join(" · ") || words.kinds[item.kind]}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {props.hasMore && (
        <div className={classes.more}>
          <Button variant="subtle" color="gray" onClick={props.onMore} loading={props.loadingMore}>
            {words.more}
          </Button>
        </div>
      )}
    </>
  );
}
