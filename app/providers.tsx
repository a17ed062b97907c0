"use client";

import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import dynamic from "next/dynamic";
import { useEffect, useState, type ReactNode } from "react";
import { ApiProvider } from "./_features/trpc/provider.tsx";
import { whenIdle } from "./_ui/load/when-idle.ts";
import { COLOR_SCHEME_DEFAULT, COLOR_SCHEME_KEY } from "./_ui/theme/color-scheme.ts";
import { cssVariablesResolver, themes } from "./_ui/theme/theme.ts";
import { LocaleProvider } from "./_ui/words/locale.tsx";
import type { Locale } from "./_ui/words/locales.ts";

// Nothing of it is in the first picture. It listens to a store: what `notifications.show` says before waits there.
const Overlays = dynamic(() => import("./_ui/feedback/overlays.tsx").then((module) => module.Overlays), { ssr: false });

const colorSchemeManager = localStorageColorSchemeManager({ key: COLOR_SCHEME_KEY });

export function Providers({
  locale,
  renderedAt,
  nonce,
  children,
}: {
  locale: Locale;
  renderedAt: number;
  nonce?: string | undefined;
  children: ReactNode;
}) {
  return (
    <MantineProvider
      theme={themes[locale]}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme={COLOR_SCHEME_DEFAULT}
      colorSchemeManager={colorSchemeManager}
      deduplicateInlineStyles
      {...(nonce ? { getStyleNonce: () => nonce } : {})}
    >
      <LocaleProvider locale={locale} renderedAt={renderedAt}>
        <ApiProvider>
          {children}
          <LateOverlays />
        </ApiProvider>
      </LocaleProvider>
    </MantineProvider>
  );
}

function LateOverlays() {
  const [due, setDue] = useState(false);
  useEffect(() => whenIdle(() => setDue(true)), []);
  return due && <Overlays />;
}
