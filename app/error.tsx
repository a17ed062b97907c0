"use client";

import { FailedPage } from "./_ui/feedback/failed-page.tsx";

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <FailedPage digest={error.digest} onRetry={reset} />;
}
