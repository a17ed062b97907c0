import { defineWords } from "#app/_ui/words/locales.ts";

export const resultWords = defineWords({
  en: {
    by: (what: string, x: string) => `${what} by ${x}`,
    target: (value: string) => `Target ${value}`,
    table: "Table",
    data: "JSON",
    view: "How the result is shown",
    resultOf: (tool: string) => `Result of ${tool}`,
    firstOf: (shown: number, total: number) => `The first ${shown} of ${total} rows.`,
    nothing: "The tool answered nothing.",
  },
  de: {
    by: (what: string, x: string) => `${what} nach ${x}`,
    target: (value: string) => `Ziel ${value}`,
    table: "Tabelle",
    data: "JSON",
    view: "Wie das Ergebnis gezeigt wird",
    resultOf: (tool: string) => `Ergebnis von ${tool}`,
    firstOf: (shown: number, total: number) => `Die ersten ${shown} von ${total} Zeilen.`,
    nothing: "Das Werkzeug hat nichts geantwortet.",
  },
});
