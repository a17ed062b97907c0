import { defineWords } from "#app/_ui/words/locales.ts";

export const schemaWords = defineWords({
  en: {
    invalidJson: "This is not valid JSON",
    required: "This is needed",
    any: "Any",
    oneALine: "One a line.",
    yes: "Yes",
    no: "No",
  },
  de: {
    invalidJson: "Das ist kein gültiges JSON",
    required: "Das wird gebraucht",
    any: "Beliebig",
    oneALine: "Eines je Zeile.",
    yes: "Ja",
    no: "Nein",
  },
});
