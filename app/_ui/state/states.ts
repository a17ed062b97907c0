import { STATES, type State } from "../theme/palette.ts";
import { defineWords, LOCALES, type Locale } from "../words/locales.ts";

export { STATES, type State };

/** The word of each state where the thing itself has none better. */
export const stateWords = defineWords({
  en: {
    running: "Running",
    waiting: "Waiting",
    ok: "OK",
    attention: "Attention",
    fault: "Fault",
    idle: "Idle",
  },
  de: {
    running: "Läuft",
    waiting: "Wartet",
    ok: "In Ordnung",
    attention: "Achtung",
    fault: "Störung",
    idle: "Ruht",
  },
}) satisfies Record<Locale, Record<State, string>>;

export function stateWord(state: State, locale: Locale): string {
  return stateWords[LOCALES.includes(locale) ? locale : "en"][state];
}
