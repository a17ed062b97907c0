import { defineWords } from "../words/locales.ts";

export const tableWords = defineWords({
  en: {
    columns: "Columns",
    export: "Export CSV",
    exported: (n: number) => `Export CSV of the ${n} rows shown`,
    more: "Load more",
    empty: "Nothing here yet",
    loadFailed: "The rows could not be loaded",
    selectAll: "Select all rows shown",
    select: "Select the row",
    selected: (n: number) => (n === 1 ? "1 selected" : `${n} selected`),
    clear: "Clear the selection",
    yes: "Yes",
    no: "No",
    count: (n: number, more: boolean) => `${n}${more ? "+" : ""} ${n === 1 && !more ? "row" : "rows"}`,
  },
  de: {
    columns: "Spalten",
    export: "CSV exportieren",
    exported: (n: number) => `Die ${n} gezeigten Zeilen als CSV exportieren`,
    more: "Mehr laden",
    empty: "Noch nichts hier",
    loadFailed: "Die Zeilen konnten nicht geladen werden",
    selectAll: "Alle gezeigten Zeilen auswählen",
    select: "Die Zeile auswählen",
    selected: (n: number) => `${n} ausgewählt`,
    clear: "Auswahl aufheben",
    yes: "Ja",
    no: "Nein",
    count: (n: number, more: boolean) => `${n}${more ? "+" : ""} ${n === 1 && !more ? "Zeile" : "Zeilen"}`,
  },
});
