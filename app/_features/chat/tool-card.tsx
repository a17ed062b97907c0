"use client";

import { IconChevronRight } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { memo, useId, useState } from "react";
import { TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolPart } from "#server/features/chat/turn.schema.ts";
import { chatWords } from "./chat-words.ts";
import classes from "./tool-card.module.css";

// tables and trees of data come when a card is opened
const CallDetails = dynamic(() => import("./call-details.tsx").then((module) => module.CallDetails), {
  ssr: false,
  loading: () => <TextSkeleton lines={4} />,
});

const CallConsent = dynamic(() => import("./call-consent.tsx").then((module) => module.CallConsent), {
  ssr: false,
  loading: () => <TextSkeleton lines={3} />,
});
const CallForm = dynamic(() => import("./call-form.tsx").then((module) => module.CallForm), {
  ssr: false,
  loading: () => <TextSkeleton lines={3} />,
});

const STATE = { running: "running", ok: "ok", failed: "fault" } as const;

interface ToolCardProps {
  call: ToolPart;
  /** Of the turn; null: what waits for a person is not answered from here. */
  runId: string | null;
}

/** One call of a tool: what was asked, what came back, how long it took. */
export const ToolCard = memo(function ToolCard({ call, runId }: ToolCardProps) {
  const words = useWords(chatWords);
  const [open, setOpen] = useState(false);
  const body = useId();
  const { title, state, startedAt, durationMs, result, approval, form } = call;
  const name = call.called?.name ?? call.name;
  // it stands still until somebody has answered
  const waits = state === "running" && (approval?.state === "open" || form?.state === "open");
  const unanswered = state === "failed" && result === undefined;
  const refused = state === "failed" && approval !== undefined && approval.state !== "approved";
  const word =
    state === "ok"
      ? words.ok
      : waits
        ? words.waits
        : state === "running"
          ? words.running
          : refused
            ? words.notMade
            : words.toolFailed;
  return (
    <div className={classes.card} data-state={waits ? "waiting" : state} id={`call-${call.callId}`}>
      <button
        type="button"
        className={classes.head}
        aria-expanded={open}
        aria-controls={body}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={16} aria-hidden="true" className={classes.chevron} />
        <span className={classes.names}>
          <span className={classes.title}>{title}</span>
          {title !== name && <code className={classes.name}>{name}</code>}
        </span>
        <span className={classes.time}>
          {waits ? null : state === "running" && startedAt ? (
            <Duration from={startedAt} />
          ) : durationMs === undefined ? null : (
            <Duration ms={durationMs} />
          )}
        </span>
        <StateBadge
          state={waits ? "waiting" : refused ? "idle" : STATE[state]}
          word={unanswered ? words.notCalled : word}
          variant="plain"
          size="sm"
        />
      </button>
      {approval && <CallConsent call={call} approval={approval} />}
      {form?.state === "open" && state === "running" && runId && (
        <CallForm key={form.n} call={call} form={form} runId={runId} />
      )}
      {state === "failed" && typeof result === "string" && <p className={classes.failure}>{result}</p>}
      <div id={body} hidden={!open}>
        {open && (
          <div className={classes.body}>
            <CallDetails call={call} />
          </div>
        )}
      </div>
    </div>
  );
}, sameCall);

// the live fold copies its parts with every batch of events
function sameCall({ call: a, runId: x }: ToolCardProps, { call: b, runId: y }: ToolCardProps): boolean {
  return (
    x === y &&
    a.approval?.state === b.approval?.state &&
    a.form?.n === b.form?.n &&
    a.form?.state === b.form?.state &&
    a.called?.name === b.called?.name &&
    a.callId === b.callId &&
    a.state === b.state &&
    a.title === b.title &&
    (a.startedAt === undefined) === (b.startedAt === undefined) &&
    a.durationMs === b.durationMs &&
    (a.result === b.result || a.state === "ok")
  );
}
