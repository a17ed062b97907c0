import { formatCell, type Column } from "./columns.ts";
import type { Row } from "./read-result.ts";
import type { Language } from "./words.ts";

const COLUMNS = 8;
const ROWS = 20;

/** A Markdown table of at most 8 columns and 20 rows; what is left out is counted. `first` are the columns that must be there. */
export function renderTable(rows: Row[], columns: Column[], first: Column[], language: Language): string {
  const filled = columns.filter((column) =>
    rows.some((row) => row[column.key] !== null && row[column.key] !== undefined && row[column.key] !== ""),
  );
  const kept = new Set([...new Set([...first, ...filled])].slice(0, COLUMNS));
  const shown = filled.filter((column) => kept.has(column));
  if (shown.length === 0) return "";
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const header = shown.map((column) => escapeCell(column.unit ? `${column.label} (${column.unit})` : column.label));
  const lines = [
    line(header),
    line(shown.map((column) => (column.kind === "number" ? "---:" : "---"))),
    ...rows
      .slice(0, ROWS)
      .map((row) => line(shown.map((column) => escapeCell(formatCell(row[column.key], column, language))))),
  ];
  const left = rows.length - ROWS;
  const hidden = filled.length - shown.length;
  const notes = [
    left > 0 &&
      (language === "de"
        ? `${left} weitere ${left === 1 ? "Zeile" : "Zeilen"}`
        : `${left} more ${left === 1 ? "row" : "rows"}`),
    hidden > 0 &&
      (language === "de"
        ? `${hidden} weitere ${hidden === 1 ? "Spalte" : "Spalten"}`
        : `${hidden} more ${hidden === 1 ? "column" : "columns"}`),
  ].filter(Boolean);
  return lines.join("\n") + (notes.length > 0 ? `\n\n… ${notes.join(", ")}` : "");
}

const escapeCell = (text: string) => {
  const line = text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replace(/\s*\n\s*/g, " ")
    .replaceAll("<", "&lt;");
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
};
