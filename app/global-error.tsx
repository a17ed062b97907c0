"use client";

import "./globals.css";
import { FailedPage } from "./_ui/feedback/failed-page.tsx";
import { tokenCss } from "./_ui/theme/tokens.ts";

/** The root layout itself threw: this page brings its own document and, without the provider, the tokens. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <head>
        <title>OSF Gateway</title>
        <style>{tokenCss()}</style>
      </head>
      <body>
        <FailedPage digest={error.digest} onRetry={reset} />
      </body>
    </html>
  );
}
