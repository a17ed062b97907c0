import "./globals.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { COLOR_SCHEME_DEFAULT, COLOR_SCHEME_KEY } from "./_ui/theme/color-scheme.ts";
import { surfaces } from "./_ui/theme/palette.ts";
import { requestInstant, requestLocale } from "./_ui/words/request.ts";
import { Providers } from "./providers.tsx";

export const metadata: Metadata = {
  title: { default: "OSF Gateway", template: "%s · OSF Gateway" },
  description: "Ask the plant, automate it, and see what is executing, for whom, and what it will do next.",
  applicationName: "OSF Gateway",
  icons: {
    icon: [
      { url: "/icons/icon.svg", type: "image/svg+xml" },
      { url: "/icons/icon-192.png", type: "image/png", sizes: "192x192" },
    ],
    apple: [{ url: "/icons/apple-touch-icon.png", sizes: "180x180" }],
  },
  appleWebApp: { capable: true, title: "OSF", statusBarStyle: "default" },
  formatDetection: { telephone: false, email: false, address: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: surfaces.light.page },
    { media: "(prefers-color-scheme: dark)", color: surfaces.dark.page },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await requestLocale();
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html lang={locale} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme={COLOR_SCHEME_DEFAULT} localStorageKey={COLOR_SCHEME_KEY} nonce={nonce} />
      </head>
      <body>
        <Providers locale={locale} renderedAt={requestInstant()} nonce={nonce}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
