"use client";

import { ErrorState } from "./_ui/feedback/error-state.tsx";

/** A page threw while rendering. Next hides the words of server errors and leaves a digest, which stands in the log. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main>
      <ErrorState size="page" error={{ requestId: error.digest }} onRetry={reset} />
    </main>
  );
}
