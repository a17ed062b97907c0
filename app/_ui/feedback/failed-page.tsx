"use client";

import { IconAlertTriangle } from "@tabler/icons-react";
import { useWords } from "../words/locale.tsx";
import { feedbackWords } from "./feedback-words.ts";
import { Notice } from "./notice.tsx";
import classes from "./feedback.module.css";

// Every page carries these with it and hardly one shows them: no library control, so that they weigh next to nothing
// and still stand when the library's script is what failed.

/** In place of a page that threw. Next hides the words of server errors and leaves a digest, which stands in the log. */
export function FailedPage({ digest, onRetry }: { digest?: string | undefined; onRetry: () => void }) {
  const words = useWords(feedbackWords);
  return (
    <main>
      <Notice
        heading
        role="alert"
        tone="fault"
        size="page"
        icon={<IconAlertTriangle />}
        title={words.failed}
        actions={
          <button type="button" className={classes.plainButton} onClick={onRetry}>
            {words.retry}
          </button>
        }
      >
        <p>
          {digest ? words.unexpected : words.unexpectedHere} {words.nothingLost}
        </p>
        {digest && (
          <p className={classes.requestId}>
            {words.requestId} <code>{digest}</code>
          </p>
        )}
      </Notice>
    </main>
  );
}
