"use client";

import { createContext, use, useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { useRouter } from "next/navigation";
import { FORMAT_TAG, LOCALE_COOKIE, type Locale } from "./locales.ts";

interface Rendering {
  locale: Locale;
  /** When the server rendered, ms: the first client render uses the same instant, so relative times agree. */
  renderedAt: number;
}

const RenderingContext = createContext<Rendering>({ locale: "en", renderedAt: 0 });

export function LocaleProvider({ children, ...rendering }: Rendering & { children: ReactNode }) {
  return <RenderingContext value={rendering}>{children}</RenderingContext>;
}

export const useLocale = (): Locale => use(RenderingContext).locale;

/** BCP 47 tag for `Intl`. */
export const useFormatTag = (): string => FORMAT_TAG[useLocale()];

export function useWords<W>(words: Record<Locale, W>): W {
  return words[useLocale()];
}

/** Keeps the choice for a year and renders the page again in that language. */
export function useSetLocale(): (locale: Locale) => void {
  const router = useRouter();
  return useCallback(
    (locale) => {
      document.cookie = `${LOCALE_COOKIE}=${locale}; path=/; max-age=31536000; samesite=lax`;
      router.refresh();
    },
    [router],
  );
}

// One timer a step for all subscribers: a table of a hundred relative times ticks once.
const tickers = new Map<number, { listeners: Set<() => void>; timer: ReturnType<typeof setInterval> }>();

function subscribe(step: number, listener: () => void): () => void {
  let ticker = tickers.get(step);
  if (!ticker) {
    const listeners = new Set<() => void>();
    ticker = { listeners, timer: setInterval(() => listeners.forEach((tell) => tell()), step) };
    tickers.set(step, ticker);
  }
  const { listeners, timer } = ticker;
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    tickers.delete(step);
  };
}

const never = () => () => undefined;

/** False on the server and while hydrating, true from then on. */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/**
 * The present, ms. `step` says how long until it may change for the caller, given the present; `null` stands still.
 * The server and the first client render agree on the instant.
 */
export function useNow(step: (now: number) => number | null): number {
  const { renderedAt } = use(RenderingContext);
  const hydrated = useHydrated();
  const [now, setNow] = useState(() => (hydrated ? Date.now() : renderedAt));
  const size = step(now);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tick();
    return size === null ? undefined : subscribe(size, tick);
  }, [size]);
  return now;
}
