/** Languages of the interface. Written texts sit beside the component that shows them: `defineWords`. */
export const LOCALES = ["en", "de"] as const;
export type Locale = (typeof LOCALES)[number];

export const LOCALE_COOKIE = "osf-locale";

/** How numbers and times are written: English with the 24-hour clock and day before month, as in European plants. */
export const FORMAT_TAG = { en: "en-GB", de: "de-DE" } as const satisfies Record<Locale, string>;

/** The person's choice (cookie) before the browser's order of preference (`Accept-Language`); English otherwise. */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  const chosen = LOCALES.find((locale) => locale === cookie);
  if (chosen) return chosen;
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const q = parameters.map((p) => p.trim()).find((p) => p.startsWith("q="));
      return { language: tag.trim().slice(0, 2).toLowerCase(), q: q ? Number(q.slice(2)) || 0 : 1 };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { language } of wanted) {
    const known = LOCALES.find((locale) => locale === language);
    if (known) return known;
  }
  return "en";
}

type Words = Record<string, unknown>;
/** Strings widen to `string` and functions keep their shape, so that `de` must have exactly the keys of `en`. */
type Shape<W> = { [K in keyof W]: W[K] extends string ? string : W[K] extends Words ? Shape<W[K]> : W[K] };

/** Texts of one component in every language: `const words = defineWords({ en: { copy: "Copy" }, de: { copy: "Kopieren" } })`. */
export function defineWords<const W extends Words>(words: { en: W; de: NoInfer<Shape<W>> }): Record<Locale, Shape<W>> {
  return words as Record<Locale, Shape<W>>; // `en` satisfies its own widened shape
}
