import { fold } from "./lexicon.ts";
import type { Cell, Row } from "./read-result.ts";
import { conceptsOf, identifierWords, type Language } from "./words.ts";

export interface Column {
  key: string;
  /** The name in words, without its unit: "OEE". */
  label: string;
  unit: string;
  kind: "number" | "boolean" | "date" | "code" | "text";
  concepts: Set<string>;
}

const UNITS: Record<string, string> = {
  percent: "%",
  pct: "%",
  prozent: "%",
  eur: "€",
  usd: "$",
  minutes: "min",
  minute: "min",
  min: "min",
  minuten: "min",
  mins: "min",
  hours: "h",
  hour: "h",
  h: "h",
  stunden: "h",
  seconds: "s",
  sec: "s",
  s: "s",
  sekunden: "s",
  ms: "ms",
  days: "d",
  tage: "d",
  kg: "kg",
  g: "g",
  t: "t",
  mm: "mm",
  cm: "cm",
  m: "m",
  km: "km",
  kwh: "kWh",
  kw: "kW",
  bar: "bar",
  celsius: "°C",
  rpm: "rpm",
  l: "l",
};
const CODE = /(?:^|_)(?:id|no|nr|number|code|key|nummer|year|jahr|zip|plz|phone|sku)$|Id$|Number$|Code$/;

/** The columns of rows, in order of appearance. `prose` is text that shows which words are acronyms. */
export function columnsOf(rows: Row[], prose: string): Column[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const acronyms = new Set((prose.match(/\b\p{Lu}{2,6}\b/gu) ?? []).map(fold));
  return keys.map((key) => {
    const values = rows.map((row) => row[key] ?? null).filter((value) => value !== null);
    const words = identifierWords(key.replaceAll(".", " "));
    const last = words.at(-1);
    const kind = kindOf(key, values);
    const unit = kind === "number" && last && words.length > 1 ? (UNITS[last.folded] ?? "") : "";
    const spelt = key
      .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean);
    const named = (unit ? spelt.slice(0, -1) : spelt).map((word) =>
      acronyms.has(fold(word)) ? word.toUpperCase() : word.toLowerCase(),
    );
    return { key, label: named.join(" ") || key, unit, kind, concepts: conceptsOf(words) };
  });
}

function kindOf(key: string, values: Cell[]): Column["kind"] {
  if (CODE.test(key)) return "code";
  if (values.length > 0 && values.every((value) => typeof value === "number")) return "number";
  if (values.length > 0 && values.every((value) => typeof value === "boolean")) return "boolean";
  if (
    values.length > 0 &&
    values.every((value) => typeof value === "string" && /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)/.test(value))
  )
    return "date";
  return "text";
}

/** The column that names a row for a person: a name before a code. */
export function labelColumn(columns: Column[], rows: Row[]): Column | undefined {
  const by = (key: string) => columns.find((column) => column.key.toLowerCase() === key);
  const code = columns.find((column) => column.kind === "code");
  const entity =
    code && code === columns[0] ? code.key.replace(/_?(?:id|no|nr|number|code|nummer)$/i, "").toLowerCase() : "";
  const distinct = (column: Column | undefined) =>
    column &&
    new Set(rows.map((row) => row[column.key])).size === rows.length &&
    rows.every((row) => String(row[column.key] ?? "").length <= 40);
  const named = [by("name"), by(`${entity}_name`), entity ? by(entity) : undefined, by("title"), by("label")].find(
    (column) => column && distinct(column),
  );
  return (
    named ??
    (entity && distinct(code) ? code : undefined) ??
    columns.find((column) => (column.kind === "text" || column.kind === "date") && distinct(column)) ??
    code ??
    columns[0]
  );
}

/** What kind of thing a row is: the rows' member, or the entity of the first code ("machine"). */
export function entityOf(key: string, columns: Column[], rows: Row[]): string {
  if (key && !/^(?:rows?|items?|results?|data|content|values?|list|entries|records?)$/i.test(key))
    return identifierWords(key)
      .map((word) => word.folded)
      .join(" ");
  const first = columns[0];
  if (!first || (first.kind !== "code" && first.kind !== "text")) return "";
  if (new Set(rows.map((row) => row[first.key])).size < rows.length) return "";
  const entity = identifierWords(first.key)
    .filter((word) => !/^(?:id|no|nr|number|code|nummer|name|key)$/.test(word.folded))
    .map((word) => word.folded)
    .join(" ");
  return entity && !entity.endsWith("s") ? plural(entity) : entity;
}

export const plural = (noun: string) =>
  /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
export const singular = (noun: string) =>
  noun.endsWith("ies")
    ? `${noun.slice(0, -3)}y`
    : /(?:x|ch|sh|ss)es$/.test(noun)
      ? noun.slice(0, -2)
      : /[^s]s$/.test(noun)
        ? noun.slice(0, -1)
        : noun;

export function formatNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1,
  }).format(value);
}

export function formatCell(value: Cell | undefined, column: Column, language: Language): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return language === "de" ? (value ? "ja" : "nein") : value ? "yes" : "no";
  if (typeof value === "number") return column.kind === "code" ? String(value) : formatNumber(value, language);
  if (column.kind === "date") return value.slice(0, 16).replace("T", " ");
  return value;
}

export function withUnit(value: Cell | undefined, column: Column, language: Language): string {
  const text = formatCell(value, column, language);
  if (!column.unit || text === "–") return text;
  const unit =
    column.unit === "d"
      ? language === "de"
        ? value === 1
          ? "Tag"
          : "Tage"
        : value === 1
          ? "day"
          : "days"
      : column.unit;
  return `${text} ${unit}`;
}
