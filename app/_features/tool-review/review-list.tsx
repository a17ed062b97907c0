"use client";

import { notifications } from "@mantine/notifications";
import { IconChevronRight } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/state/states.ts";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ReviewItem, ReviewState } from "#server/features/tool-review/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { reviewWords } from "./review-words.ts";
import { useReviewed } from "./use-reviewed.ts";
import classes from "./review.module.css";

export const REVIEW_STATE: Record<ReviewState, State> = {
  quarantined: "waiting",
  rejected: "fault",
  approved: "ok",
  gone: "idle",
};

/** The tools of one server, with what is different about each. */
export function ReviewList({ items, onOpen }: { items: ReviewItem[]; onOpen: (item: ReviewItem) => void }) {
  const words = useWords(reviewWords);
  const [first] = items;
  if (!first) return null;
  const waiting = items.filter(({ state, mayReview }) => state === "quarantined" && mayReview);
  return (
    <Panel
      flush
      title={first.serverTitle}
      description={first.mayReview ? undefined : words.notYours}
      actions={waiting.length > 0 && <ApproveAll items={waiting} />}
    >
      <ul className={classes.list}>
        {items.map((item) => (
          <li key={item.tool}>
            <button
              type="button"
              className={classes.row}
              onClick={() => onOpen(item)}
              aria-label={words.open(`${item.server}.${item.tool}`)}
            >
              <code>{item.tool}</code>
              <StateBadge
                state={REVIEW_STATE[item.state]}
                word={
                  item.state === "quarantined" ? (item.isNew ? words.isNew : words.isChanged) : words.states[item.state]
                }
                variant="plain"
                size="sm"
              />
              <span className={classes.dim}>
                {!item.isNew && item.changed.length > 0
                  ? words.changedWhat(item.changed.map((field) => words.fields[field] ?? field).join(", "))
                  : ""}
                {item.warnings > 0 && <span className={classes.warning}> {words.hiddenCount(item.warnings)}</span>}
              </span>
              <span className={classes.dim}>
                {words.since} <RelativeTime at={item.changedAt} />
              </span>
              <IconChevronRight size={16} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function ApproveAll({ items }: { items: ReviewItem[] }) {
  const words = useWords(reviewWords);
  const reviewed = useReviewed();
  const approve = useMutation(
    useTRPC().toolReview.approveAll.mutationOptions({
      onSuccess({ approved, changed }) {
        notifications.show({
          color: changed.length > 0 ? "attention" : "ok",
          title: words.approvedAll(approved.length),
          message: changed.length > 0 ? words.changedMeanwhile(changed.join(", ")) : "",
          autoClose: changed.length > 0 ? 10_000 : 3_000,
        });
      },
      onSettled: reviewed,
    }),
  );
  const { serverId = "", serverTitle = "" } = items[0] ?? {};
  // by the hashes that stand here: what changes meanwhile is not approved unseen
  const tools = items.flatMap(({ tool, hash }) => (hash ? [{ tool, hash }] : []));
  return (
    <ConfirmButton
      title={words.approveAllTitle(items.length, serverTitle)}
      takes={items.map(({ tool, warnings }) => (warnings > 0 ? `${tool}: ${words.hiddenCount(warnings)}` : tool))}
      description={words.approveAllText}
      confirm={words.approveAll}
      onConfirm={() => approve.mutateAsync({ id: serverId, tools })}
      danger={false}
      size="compact-md"
    >
      {words.approveAll}
    </ConfirmButton>
  );
}
