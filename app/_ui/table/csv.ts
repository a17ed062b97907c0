export type CsvValue = string | number | boolean | Date | null | undefined;

/**
 * One CSV cell (RFC 4180). Text that a spreadsheet would run as a formula (`=`, `+`, `-`, `@`, tab, return first) gets
 * an apostrophe before it: the data comes from chats, flows and other people.
 */
export function csvCell(value: CsvValue, separator = ",", decimal = "."): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
  if (typeof value === "number") return Number.isFinite(value) ? String(value).replace(".", decimal) : "";
  if (typeof value === "boolean") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return safe.includes(separator) || /["\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A whole file with a byte order mark, which makes spreadsheets read UTF-8. German ones expect `;` and `,`. */
export function toCsv(header: string[], rows: CsvValue[][], locale: "en" | "de" = "en"): string {
  const [separator, decimal] = locale === "de" ? [";", ","] : [",", "."];
  const line = (cells: CsvValue[]) => cells.map((cell) => csvCell(cell, separator, decimal)).join(separator);
  return `\uFEFF${[header, ...rows].map(line).join("\r\n")}\r\n`;
}

/** Hands text to the browser as a file to keep. */
export function downloadText(name: string, text: string, type = "text/csv;charset=utf-8"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // the download has taken the blob over by the next turn of the loop
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
