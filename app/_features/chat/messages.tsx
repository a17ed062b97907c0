"use client";

import { useWords } from "#app/_ui/words/locale.tsx";
import type { ChatMessageView } from "#server/features/chat/schema.ts";
import { Answer } from "./answer.tsx";
import { chatWords } from "./chat-words.ts";
import classes from "./conversation.module.css";

export interface MessagesProps {
  messages: ChatMessageView[];
  activeRunId: string | null;
  /** A question on its way to the server. */
  pending: string | null;
  onEnd: () => void;
  say: (words: string) => void;
  onRetry: (runId: string) => void;
  retrying: boolean;
}

const textOf = ({ parts }: ChatMessageView) => parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");

/** Questions and answers in order; an answer keeps its place and its element from its first word to its stored form. */
export function Messages(props: MessagesProps) {
  const { messages, activeRunId, pending, onEnd, say, onRetry, retrying } = props;
  const answered = messages.some(({ role, runId }) => role === "assistant" && runId === activeRunId);
  const live = activeRunId !== null && !answered;
  const last = messages.at(-1);
  const rows: { key: string; question?: string; runId: string | null; message?: ChatMessageView }[] = messages.map(
    (message) =>
      message.role === "user"
        ? { key: `question-${message.runId ?? message.id}`, question: textOf(message), runId: message.runId }
        : { key: `answer-${message.runId ?? message.id}`, runId: message.runId, message },
  );
  if (live) rows.push({ key: `answer-${activeRunId}`, runId: activeRunId });

  return (
    <>
      {rows.map(({ key, question, runId, message }) =>
        question === undefined ? (
          <Answer
            key={key}
            runId={runId}
            message={message}
            onEnd={onEnd}
            say={say}
            retrying={retrying}
            {...(message && message === last && !live && !pending && runId ? { onRetry: () => onRetry(runId) } : {})}
          />
        ) : (
          <Question key={key} text={question} />
        ),
      )}
      {pending !== null && <Question text={pending} pending />}
    </>
  );
}

function Question({ text, pending = false }: { text: string; pending?: boolean }) {
  const words = useWords(chatWords);
  return (
    <div className={classes.question} data-question data-pending={pending || undefined}>
      <span className="osf-sr-only">{words.you}: </span>
      {text}
    </div>
  );
}
