"use client";

import "./globals.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import { ErrorState } from "./_ui/feedback/error-state.tsx";
import { COLOR_SCHEME_DEFAULT, COLOR_SCHEME_KEY } from "./_ui/theme/color-scheme.ts";
import { Providers } from "./providers.tsx";

/** The root layout itself threw: this page brings its own document. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <title>OSF Gateway</title>
        <ColorSchemeScript defaultColorScheme={COLOR_SCHEME_DEFAULT} localStorageKey={COLOR_SCHEME_KEY} />
      </head>
      <body>
        <Providers locale="en" renderedAt={0}>
          <main>
            <ErrorState size="page" error={{ requestId: error.digest }} onRetry={reset} />
          </main>
        </Providers>
      </body>
    </html>
  );
}
