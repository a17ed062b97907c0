import { FORMAT_TAG, type Locale } from "../words/locales.ts";

/** Suffixes of keys that name a unit: `setup_minutes` is in min. Longest first where one ends another. */
const UNITS: Record<string, string> = {
  percent: "%",
  pct: "%",
  milliseconds: "ms",
  seconds: "s",
  minutes: "min",
  hours: "h",
  days: "d",
  weeks: "wk",
  ms: "ms",
  sec: "s",
  min: "min",
  eur: "€",
  usd: "$",
  chf: "CHF",
  gbp: "£",
  kg: "kg",
  tons: "t",
  km: "km",
  mm: "mm",
  cm: "cm",
  m2: "m²",
  m3: "m³",
  kwh: "kWh",
  mwh: "MWh",
  kw: "kW",
  mw: "MW",
  bar: "bar",
  rpm: "rpm",
  celsius: "°C",
  liters: "l",
  litres: "l",
  pcs: "pcs",
  pieces: "pcs",
  bytes: "B",
  mb: "MB",
  gb: "GB",
  co2: "CO₂",
};

/** Written as abbreviations in headers. */
const ABBREVIATIONS = new Set([
  "id",
  "oee",
  "mes",
  "erp",
  "wms",
  "sku",
  "url",
  "api",
  "kpi",
  "cpu",
  "ram",
  "ip",
  "qty",
  "vat",
]);

function words(key: string): string[] {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[\s_.-]+/)
    .filter(Boolean);
}

/** The unit that a key ends on: `energy_kwh` → kWh, `oee_percent` → %; `percent` alone is a name, not a unit. */
export function unitOf(key: string): string | undefined {
  const parts = words(key);
  const last = parts.at(-1)?.toLowerCase();
  return parts.length > 1 && last && Object.hasOwn(UNITS, last) ? UNITS[last] : undefined;
}

/** `order_id` → "Order ID", `oee_percent` → "OEE", `dueDate` → "Due date": without the unit, which stands beside it. */
export function humanise(key: string): string {
  const parts = words(key);
  const named = unitOf(key) === undefined ? parts : parts.slice(0, -1);
  return named
    .map((word, index) => {
      const lower = word.toLowerCase();
      if (ABBREVIATIONS.has(lower))
        return lower === "qty" ? (index === 0 ? "Quantity" : "quantity") : lower.toUpperCase();
      // an abbreviation that the source itself wrote in capitals stays, unless all of the key is
      if (word.length > 1 && word === word.toUpperCase() && key !== key.toUpperCase()) return word;
      return index === 0 ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower;
    })
    .join(" ");
}

/** A number for reading: grouped, at most `digits` decimals (two), never in powers of ten. */
export function formatNumber(value: number, locale: Locale, digits = 2): string {
  return value.toLocaleString(FORMAT_TAG[locale], { maximumFractionDigits: digits });
}

/** Number and unit as one writes them: "82.4 %", "1,204 kWh". */
export function formatQuantity(value: number, unit: string | undefined, locale: Locale): string {
  const number = formatNumber(value, locale);
  return unit ? `${number}\u00a0${unit}` : number;
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

export type ValueKind = "number" | "boolean" | "date" | "instant" | "text" | "nested" | "none";

/** What a value of unknown data is, so that it can be shown as such. Local times without a zone stay text. */
export function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "object") return "nested";
  if (typeof value === "string" && ISO_DATE.test(value)) return "date";
  if (typeof value === "string" && ISO_INSTANT.test(value)) return "instant";
  return "text";
}
