"use client";

import { Button, Drawer } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { skipToken, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ShortId } from "#app/_ui/copy/short-id.tsx";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ReviewRef, ReviewView } from "#server/features/tool-review/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { Changes } from "./changes.tsx";
import { Definition } from "./definition.tsx";
import { HiddenWarnings } from "./hidden-warnings.tsx";
import { REVIEW_STATE } from "./review-list.tsx";
import { reviewWords } from "./review-words.ts";
import { useReviewed } from "./use-reviewed.ts";
import classes from "./review.module.css";

/** One tool: what it says now against what was approved, and the decision. */
export function ReviewDrawer({ chosen, onClose }: { chosen: ReviewRef | null; onClose: () => void }) {
  const words = useWords(reviewWords);
  // the words stay while it slides out
  const [shown, setShown] = useState(chosen);
  if (chosen && (chosen.id !== shown?.id || chosen.tool !== shown.tool)) setShown(chosen);
  const query = useQuery(useTRPC().toolReview.get.queryOptions(chosen ?? skipToken));
  return (
    <Drawer
      opened={chosen !== null}
      onClose={onClose}
      position="right"
      size="min(72rem, 100vw)"
      title={query.data ? `${query.data.serverTitle}: ${query.data.tool}` : shown?.tool}
    >
      {query.data ? (
        <Review key={query.data.hash} review={query.data} onDone={onClose} />
      ) : query.isError ? (
        <ErrorState error={query.error} title={words.failed} onRetry={() => void query.refetch()} />
      ) : (
        <BlockSkeleton height={360} />
      )}
    </Drawer>
  );
}

function Review({ review, onDone }: { review: ReviewView; onDone: () => void }) {
  const words = useWords(reviewWords);
  const { state, isNew, hash, proposed, approved, changes, warnings } = review;
  const definition = proposed ?? approved;
  return (
    <div className={classes.review}>
      <div className={classes.head}>
        <StateBadge
          state={REVIEW_STATE[state]}
          word={state === "quarantined" ? (isNew ? words.isNew : words.isChanged) : words.states[state]}
        />
        <KeyValue
          layout="columns"
          items={[
            { label: words.changedAt, value: <RelativeTime at={review.changedAt} /> },
            { label: words.firstSeen, value: <RelativeTime at={review.firstSeenAt} /> },
            { label: words.reviewedBy, value: review.reviewedByName },
            { label: words.hash, value: hash && <ShortId id={hash} /> },
          ]}
        />
      </div>
      <HiddenWarnings warnings={warnings} />
      {proposed && approved && <Changes changes={changes} />}
      {definition && (
        <Definition
          definition={definition}
          title={proposed ? words.whole : words.wholeApproved}
          // what changed is above; the rest is there for whoever wants it
          folded={proposed !== null && approved !== null}
        />
      )}
      {hash && (state === "quarantined" || state === "rejected") && (
        <Decision review={review} hash={hash} onDone={onDone} />
      )}
    </div>
  );
}

function Decision({ review, hash, onDone }: { review: ReviewView; hash: string; onDone: () => void }) {
  const words = useWords(reviewWords);
  const trpc = useTRPC();
  const reviewed = useReviewed();
  const name = `${review.server}.${review.tool}`;
  const after = (said: string) => ({
    onSuccess() {
      notifications.show({ color: "ok", message: said, autoClose: 3_000 });
      onDone();
    },
    onSettled: reviewed,
  });
  const approve = useMutation(trpc.toolReview.approve.mutationOptions(after(words.approved(name))));
  const reject = useMutation(trpc.toolReview.reject.mutationOptions(after(words.rejected(name))));
  const error = approve.error ?? reject.error;
  if (!review.mayReview) return <p className={classes.note}>{words.notYours}</p>;
  // what was looked at, and nothing else
  const seen = { id: review.serverId, tool: review.tool, hash };
  return (
    <footer className={classes.decision}>
      <p className={classes.note}>{error && toProblem(error).status === 409 ? words.conflict : words.approveNew}</p>
      <FormErrors error={error} />
      <div className={classes.acts}>
        {review.state === "quarantined" && (
          <Button
            variant="default"
            c="var(--osf-fault)"
            onClick={() => reject.mutate(seen)}
            loading={reject.isPending}
            disabled={approve.isPending}
          >
            {words.reject}
          </Button>
        )}
        <Button onClick={() => approve.mutate(seen)} loading={approve.isPending} disabled={reject.isPending}>
          {words.approve}
        </Button>
      </div>
    </footer>
  );
}
