"use client";

import { IconAlertTriangleFilled } from "@tabler/icons-react";
import { useEffect, useEffectEvent } from "react";
import { CopyButton } from "../copy/copy-button.tsx";
import { feedbackWords } from "../feedback/feedback-words.ts";
import { fieldMessages, toProblem } from "../feedback/problem.ts";
import { useWords } from "../words/locale.tsx";
import classes from "./form.module.css";

/** The part of a `@mantine/form` form that field errors are put into. */
export interface FieldErrorsTarget {
  setErrors: (errors: Record<string, string>) => void;
  values: object;
}

/**
 * Puts a failed submit's field errors to their fields and shows the rest, or all of it without a form, above the form.
 * Renders nothing without an error.
 */
export function FormErrors({ error, form }: { error: unknown; form?: FieldErrorsTarget }) {
  const words = useWords(feedbackWords);
  const toFields = useEffectEvent((messages: Record<string, string>) => form?.setErrors(messages));
  useEffect(() => {
    if (!error) return;
    const messages = fieldMessages(toProblem(error));
    delete messages[""];
    if (Object.keys(messages).length > 0) toFields(messages);
  }, [error]);
  if (!error) return null;

  const problem = toProblem(error);
  const known = new Set(Object.keys(form?.values ?? {}));
  const rest = (problem.errors ?? []).filter(({ path }) => !known.has(path.split(/[.[]/)[0] ?? ""));
  const general = problem.unreachable
    ? `${words.noAnswer} ${words.noAnswerLost}`
    : problem.message || (problem.requestId ? words.unexpected : words.unexpectedHere);
  return (
    <div className={classes.errors} role="alert">
      <IconAlertTriangleFilled size={16} aria-hidden="true" />
      <div>
        <p>
          {general}
          {problem.retryAfter !== undefined && <> {words.retryIn(Math.ceil(problem.retryAfter))}</>}
        </p>
        {rest.length > 0 && (
          <ul>
            {rest.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path && <code>{path}</code>} {message}
              </li>
            ))}
          </ul>
        )}
        {problem.requestId && (problem.message === "" || (problem.status ?? 0) >= 500) && (
          <p className={classes.requestId}>
            {words.requestId} <code>{problem.requestId}</code>
            <CopyButton value={problem.requestId} what={words.requestId} size={24} />
          </p>
        )}
      </div>
    </div>
  );
}
