"use client";

import { Anchor } from "@mantine/core";
import { skipToken, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/state/states.ts";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { CallApproval, ToolPart } from "#server/features/chat/turn.schema.ts";
import { AnswerForm } from "../inbox/answer-form.tsx";
import { CallArguments } from "../inbox/tool-question.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./tool-card.module.css";

const STATE: Record<CallApproval["state"], State> = {
  open: "waiting",
  approved: "ok",
  refused: "idle",
  expired: "attention",
  withdrawn: "idle",
};

/** Whether a call may be made: the question with the very arguments, or what was decided. */
export function CallConsent({ call, approval }: { call: ToolPart; approval: CallApproval }) {
  const words = useWords(chatWords);
  if (approval.state === "open" && call.state === "running") return <Question call={call} approval={approval} />;
  const { by, comment, state } = approval;
  const said = {
    open: words.withdrawnAsk,
    approved: by ? words.approvedBy(by) : words.approved,
    refused: by ? words.refusedBy(by) : words.refusedNobody,
    expired: words.expired,
    withdrawn: words.withdrawnAsk,
  }[state];
  return (
    <div className={classes.decided}>
      <StateBadge state={STATE[state]} word={said} variant="plain" size="sm" />
      {comment && <blockquote>{comment}</blockquote>}
    </div>
  );
}

function Question({ call, approval }: { call: ToolPart; approval: CallApproval }) {
  const words = useWords(chatWords);
  const id = approval.approvalId;
  const query = useQuery(useTRPC().approvals.byId.queryOptions(id ? { id } : skipToken));
  const args = call.called?.arguments ?? call.arguments;
  return (
    <section className={classes.consent} aria-label={words.waits}>
      <p>{words.consentAsked}</p>
      <CallArguments value={args} none={words.noArguments} />
      {approval.expiresAt && (
        <p className={classes.none}>
          {words.until} <RelativeTime at={new Date(approval.expiresAt)} />
        </p>
      )}
      {query.data ? (
        query.data.mayRespond ? (
          <AnswerForm approval={query.data} keys={false} />
        ) : (
          <p className={classes.none} role="note">
            {query.data.whyNot}{" "}
            <Anchor component={Link} href={`/inbox?box=team&id=${encodeURIComponent(id)}`} inherit>
              {words.consentElsewhere}
            </Anchor>
          </p>
        )
      ) : query.isError ? (
        <ErrorState error={query.error} title={words.consentFailed} onRetry={() => void query.refetch()} />
      ) : (
        <TextSkeleton lines={2} />
      )}
    </section>
  );
}
