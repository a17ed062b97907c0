import { cookies, headers } from "next/headers";
import { chooseLocale, LOCALE_COOKIE, type Locale } from "./locales.ts";

/** The language of the request; server components only. */
export async function requestLocale(): Promise<Locale> {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  return chooseLocale(jar.get(LOCALE_COOKIE)?.value, head.get("accept-language"));
}

/** The one "now" of a rendering, ms; the browser starts from it too. */
export const requestInstant = (): number => Date.now();
