import type { AuditEntryView } from "./schema.ts";

const COLUMNS = [
  "seq",
  "id",
  "at",
  "workspaceId",
  "userId",
  "actor",
  "action",
  "subject",
  "runId",
  "outcome",
  "durationMs",
  "detail",
  "hash",
] as const satisfies (keyof AuditEntryView)[];

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : JSON.stringify(value);
};

/**
 * A cell after RFC 4180. What a spreadsheet would take for a formula is kept from being one: subjects are written by
 * whoever calls.
 */
function cell(value: unknown): string {
  const text = textOf(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvLine = (cells: readonly unknown[]) => `${cells.map(cell).join(",")}\r\n`;

/** Pages of entries as text in UTF-8: CSV with a head line, or JSON lines. */
export async function* auditText(
  pages: AsyncIterable<AuditEntryView[]>,
  format: "csv" | "jsonl",
): AsyncGenerator<Buffer> {
  if (format === "csv") yield Buffer.from(csvLine(COLUMNS));
  for await (const entries of pages)
    yield Buffer.from(
      entries
        .map((entry) =>
          format === "csv" ? csvLine(COLUMNS.map((column) => entry[column])) : `${JSON.stringify(entry)}\n`,
        )
        .join(""),
    );
}
