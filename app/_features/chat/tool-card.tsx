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

const STATE = { running: "running", ok: "ok", failed: "fault" } as const;

/** One call of a tool: what was asked, what came back, how long it took. */
export const ToolCard = memo(function ToolCard({ call }: { call: ToolPart }) {
  const words = useWords(chatWords);
  const [open, setOpen] = useState(false);
  const body = useId();
  const { name, title, state, startedAt, durationMs, result } = call;
  const unanswered = state === "failed" && result === undefined;
  const word = state === "ok" ? words.ok : state === "running" ? words.running : words.toolFailed;
  return (
    <div className={classes.card} data-state={state} id={`call-${call.callId}`}>
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
          {state === "running" && startedAt ? (
            <Duration from={startedAt} />
          ) : durationMs === undefined ? null : (
            <Duration ms={durationMs} />
          )}
        </span>
        <StateBadge state={STATE[state]} word={unanswered ? words.notCalled : word} variant="plain" size="sm" />
      </button>
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
function sameCall({ call: a }: { call: ToolPart }, { call: b }: { call: ToolPart }): boolean {
  return (
    a.callId === b.callId &&
    a.state === b.state &&
    a.title === b.title &&
    (a.startedAt === undefined) === (b.startedAt === undefined) &&
    a.durationMs === b.durationMs &&
    (a.result === b.result || a.state === "ok")
  );
}
