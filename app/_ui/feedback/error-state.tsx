"use client";

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CopyButton } from "../copy/copy-button.tsx";
import { useWords } from "../words/locale.tsx";
import { feedbackWords } from "./feedback-words.ts";
import { Notice } from "./notice.tsx";
import { toProblem } from "./problem.ts";
import classes from "./feedback.module.css";

export interface ErrorStateProps {
  /** Anything thrown: a tRPC error, a problem document, an `Error`. */
  error: unknown;
  /** What was being done: "The runs could not be loaded". */
  title?: ReactNode;
  /** Whether something was lost. Reading changes nothing, which is the default; name it where it was an act. */
  consequence?: ReactNode;
  /** What to do instead of, or beside, trying again. */
  remedy?: ReactNode;
  onRetry?: () => void;
  retrying?: boolean;
  size?: "compact" | "page";
}

/** What happened, whether something was lost, what to do, and the request id for whoever looks into it. */
export function ErrorState(props: ErrorStateProps) {
  const { error, title, consequence, remedy, onRetry, retrying = false, size = "compact" } = props;
  const words = useWords(feedbackWords);
  const problem = toProblem(error);
  const Icon = problem.unreachable ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <Notice
      role="alert"
      tone="fault"
      size={size}
      icon={<Icon />}
      title={title ?? words.failed}
      actions={
        onRetry && (
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry} loading={retrying}>
            {words.retry}
          </Button>
        )
      }
    >
      <p>
        {problem.unreachable
          ? words.noAnswer
          : problem.message || (problem.requestId ? words.unexpected : words.unexpectedHere)}{" "}
        {consequence ?? words.nothingLost}
      </p>
      {problem.retryAfter !== undefined && <p>{words.retryIn(Math.ceil(problem.retryAfter))}</p>}
      {remedy && <div>{remedy}</div>}
      {problem.requestId && (
        <p className={classes.requestId}>
          {words.requestId} <code>{problem.requestId}</code>
          <CopyButton value={problem.requestId} what={words.requestId} size={24} />
        </p>
      )}
    </Notice>
  );
}
