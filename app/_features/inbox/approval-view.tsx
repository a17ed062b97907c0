"use client";

import { Anchor } from "@mantine/core";
import Link from "next/link";
import { useId, type ReactNode } from "react";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import type { State } from "#app/_ui/theme/palette.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ApprovalStatus, ApprovalView } from "#server/features/approvals/schema.ts";
import { ResultView } from "../results/result-view.tsx";
import { AnswerForm } from "./answer-form.tsx";
import { labelOf } from "./answer-values.ts";
import { isMoment, plainPairs } from "./plain-pairs.ts";
import { inboxWords } from "./inbox-words.ts";
import { askedCall, ToolQuestion } from "./tool-question.tsx";
import classes from "./inbox.module.css";

export const APPROVAL_STATE: Record<ApprovalStatus, State> = {
  open: "waiting",
  decided: "ok",
  expired: "attention",
  cancelled: "idle",
};

interface ApprovalProps {
  approval: ApprovalView;
  /** Within the page of its run: what is said there is left out. */
  inRun?: boolean;
  /** Takes the keys a and r. */
  keys?: boolean;
  onDone?: (answered: ApprovalView) => void;
}

/** A question with all that one needs to answer it, and the answer. */
export function Approval({ approval, inRun = false, keys = false, onDone }: ApprovalProps) {
  const words = useWords(inboxWords);
  const { status, kind, title, question, detail, flowId, flowName, runId, starterName } = approval;
  const heading = useId();
  const call = kind === "tool" ? askedCall(detail) : null;
  const Heading = inRun ? "h3" : "h2";
  return (
    <article className={classes.approval} data-in-run={inRun || undefined} aria-labelledby={heading}>
      <div className={classes.asked}>
        <header className={classes.head}>
          <div className={classes.headline}>
            <Heading id={heading} className={classes.title}>
              {call ? words.callTitle(call.tool) : title || question || words.kinds[kind]}
            </Heading>
            <StateBadge state={APPROVAL_STATE[status]} word={words.states[status]} size="sm" />
          </div>
          {!inRun && (
            <KeyValue
              layout="columns"
              items={[
                {
                  label: words.flow,
                  value:
                    flowId && flowName ? (
                      <Anchor component={Link} href={`/flows/${flowId}`} inherit>
                        {flowName}
                      </Anchor>
                    ) : undefined,
                },
                { label: kind === "tool" ? words.askedBy : words.startedBy, value: starterName },
                { label: words.asked, value: <RelativeTime at={approval.createdAt} /> },
                { label: words.expires, value: approval.expiresAt && <RelativeTime at={approval.expiresAt} /> },
                {
                  label: words.run,
                  value: runId && (
                    <Anchor component={Link} href={`/runs/${runId}`} inherit>
                      {words.openRun}
                    </Anchor>
                  ),
                },
              ]}
            />
          )}
        </header>
        {question && title && !call && <p className={classes.question}>{question}</p>}
        {kind === "decision" && <DecisionHelp approval={approval} />}
        {call ? (
          <ToolQuestion call={call} />
        ) : (
          detail !== null &&
          detail !== undefined && (
            <Part title={words.about}>
              <Detail detail={detail} title={title} />
            </Part>
          )
        )}
      </div>
      {status === "open" ? (
        <div className={classes.open}>
          <Consequence approval={approval} />
          <Votes approval={approval} />
          {approval.mayRespond ? (
            <AnswerForm
              key={approval.id}
              approval={approval}
              keys={keys && kind !== "decision"}
              {...(onDone ? { onDone } : {})}
            />
          ) : (
            <p className={classes.notMine} role="note">
              <StateBadge state="idle" word={words.notMine} variant="plain" /> {approval.whyNot}
            </p>
          )}
        </div>
      ) : (
        <Outcome approval={approval} />
      )}
    </article>
  );
}

/** What is decided about: few plain properties as pairs, rows as a table, text as text, all else as data. */
function Detail({ detail, title }: { detail: unknown; title: string }) {
  const words = useWords(inboxWords);
  const pairs = plainPairs(detail);
  if (pairs)
    return (
      <div className={classes.pairs}>
        <KeyValue
          layout="columns"
          items={pairs.map(([label, value]) => ({
            label,
            value:
              typeof value === "boolean" ? (
                value ? (
                  words.yes
                ) : (
                  words.no
                )
              ) : isMoment(value) ? (
                <RelativeTime at={value} />
              ) : (
                value
              ),
          }))}
        />
      </div>
    );
  if (typeof detail === "string") return <p className={classes.question}>{detail}</p>;
  return typeof detail === "object" ? <ResultView result={detail} tool={title} /> : <JsonView value={detail} />;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.part} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

/** What each answer means where a run asks whether to repeat what it was interrupted in. */
function DecisionHelp({ approval }: { approval: ApprovalView }) {
  const words = useWords(inboxWords);
  return (
    <div className={classes.decision}>
      <ul>
        {approval.options.map(({ value, label }) => (
          <li key={value}>
            <strong>{label}.</strong> {words.decisionOptions[value]}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Consequence({ approval }: { approval: ApprovalView }) {
  const words = useWords(inboxWords);
  if (approval.kind === "decision") return null;
  const { expiresAt, defaultOption, required, options } = approval;
  const only = options.length === 1 ? options[0] : undefined;
  const after = required > 1 ? words.thenVotes(required) : only ? words.thenQuestion(only.label) : words.thenQuestions;
  if (approval.kind === "tool")
    return (
      <Part title={words.after}>
        <p className={classes.then}>
          {words.thenTool} {words.thenToolLate}
        </p>
      </Part>
    );
  const late = !expiresAt
    ? words.thenForever
    : defaultOption
      ? words.thenDefault(labelOf(approval, defaultOption))
      : words.thenFails;
  return (
    <Part title={words.after}>
      <p className={classes.then}>
        {after} {late}
      </p>
    </Part>
  );
}

function Votes({ approval }: { approval: ApprovalView }) {
  const words = useWords(inboxWords);
  const { required, votes } = approval;
  if (required < 2) return null;
  const most = Math.max(
    0,
    ...approval.options.map(({ value }) => votes.filter((vote) => vote.option === value).length),
  );
  return (
    <Part title={`${words.votes}: ${words.votesNeeded(most, required)}`}>
      <ul className={classes.votes}>
        {votes.map(({ userName, option, at }) => (
          <li key={userName + at.getTime()}>
            {words.voted(userName, labelOf(approval, option))} <RelativeTime at={at} />
          </li>
        ))}
      </ul>
      {approval.mayRespond && <p className={classes.then}>{words.changeVote}</p>}
    </Part>
  );
}

/** How it ended. */
function Outcome({ approval }: { approval: ApprovalView }) {
  const words = useWords(inboxWords);
  const { status, decision, decidedByName, decidedAt, values, comment } = approval;
  const label = labelOf(approval, decision);
  const said =
    status === "cancelled"
      ? words.cancelled
      : decision === null
        ? words.expired
        : decidedByName
          ? words.decided(decidedByName, label)
          : words.decidedByDefault(label);
  return (
    <div className={classes.outcome}>
      <p>
        <StateBadge state={APPROVAL_STATE[status]} word={said} variant="plain" />{" "}
        {decidedAt && (
          <span className={classes.dim}>
            <RelativeTime at={decidedAt} />
          </span>
        )}
      </p>
      {comment && <blockquote>{comment}</blockquote>}
      {approval.kind === "tool" && decision === "approve" && approval.usedAt && (
        <p className={classes.then}>
          {words.used} <RelativeTime at={approval.usedAt} />
        </p>
      )}
      {values && Object.keys(values).length > 0 && (
        <Part title={words.given}>
          <JsonView value={values} depth={2} />
        </Part>
      )}
      <Votes approval={approval} />
    </div>
  );
}
