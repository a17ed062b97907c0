import { humanise, kindOf, unitOf } from "#app/_ui/data/units.ts";
import type { Row } from "./result-rows.ts";

/** What `Chart` is given to draw rows of unknown data. */
export interface ChosenChart {
  kind: "bar" | "line";
  x: string;
  data: Record<string, string | number | null>[];
  series: { key: string; label?: string }[];
  unit?: string;
  /** The key whose figures are drawn, for the title; several where series are columns. */
  measures: string[];
  target?: { value: number; key: string };
}

const MAX_BARS = 24;
const MAX_POINTS = 400;
const MAX_MEASURES = 3;
const MAX_LINES = 6;
/** Characters of all labels together that fit under the bars. */
const MAX_LABELS = 110;

/** Numbers that name or order something instead of measuring it. */
const NO_MEASURE = /(^|_)(id|no|nr|number|position|index|rank|year|month|week|line|operation|sequence|seq|version)$/i;
const isTarget = (key: string) => /(^|_)(target|goal|setpoint)(_|$)/i.test(key);

/**
 * The chart that shows rows best, null where none would say more than the table: at least two rows with a column of
 * figures and one that names the rows. A date makes lines, one for each name where dates repeat; anything else makes
 * bars. Columns share a chart only where they share a unit.
 */
export function chooseChart(rows: Row[]): ChosenChart | null {
  if (rows.length < 2) return null;
  const keys = [...new Set(rows.flatMap(Object.keys))];
  const measures = keys.filter((key) => !NO_MEASURE.test(key) && !isTarget(key) && isMeasure(rows, key));
  if (measures.length === 0) return null;
  const times = keys.filter((key) => rows.every((row) => ["date", "instant"].includes(kindOf(row[key]))));
  const time =
    times.find((key) => rises(rows, key)) ?? times.find((key) => new Set(values(rows, key)).size < rows.length);
  const name = nameOf(rows, keys);
  const first = firstMeasure(measures, keys);
  if (time && rises(rows, time) && rows.length <= MAX_POINTS) return byTime(rows, time, alike(measures, first));
  if (time && !name) return byTimeAndName(rows, time, keys, first);
  return name && rows.length <= MAX_BARS ? bars(rows, name, keys, measures, first) : null;
}

function bars(rows: Row[], name: string, keys: string[], measures: string[], first: string): ChosenChart {
  const target = targetOf(rows, keys, first);
  // a line across bars of several kinds would not say whose target it is
  const shown = target ? [first] : alike(measures, first);
  return {
    kind: "bar",
    x: name,
    data: rows.map((row) => point(row, name, shown)),
    series: shown.map((key) => ({ key })),
    measures: shown,
    ...unit(first),
    ...(target ? { target } : {}),
  };
}

const byTime = (rows: Row[], time: string, shown: string[]): ChosenChart => ({
  kind: "line",
  x: time,
  data: rows.map((row) => point(row, time, shown)),
  series: shown.map((key) => ({ key })),
  measures: shown,
  ...unit(shown[0] ?? ""),
});

/** Dates that repeat, once for each name: a line a name. */
function byTimeAndName(rows: Row[], time: string, keys: string[], measure: string): ChosenChart | null {
  const moments = new Set(values(rows, time)).size;
  const group = keys.find((key) => {
    const names = new Set(values(rows, key));
    const pairs = new Set(rows.map((row) => `${String(row[time])} ${String(row[key])}`));
    return (
      typeof rows[0]?.[key] === "string" &&
      key !== time &&
      !/(^|_)id$/i.test(key) &&
      names.size > 1 &&
      names.size <= MAX_LINES &&
      pairs.size === rows.length
    );
  });
  if (!group || moments < 2 || moments > MAX_POINTS) return null;
  const points = new Map<string, Record<string, string | number | null>>();
  for (const row of rows) {
    const at = String(row[time]);
    const known = points.get(at) ?? { [time]: at };
    known[String(row[group])] = figure(row[measure]);
    points.set(at, known);
  }
  const names = [...new Set(values(rows, group))];
  return {
    kind: "line",
    x: time,
    data: [...points.values()].sort((a, b) => String(a[time]).localeCompare(String(b[time]))),
    series: names.map((key) => ({ key, label: key })),
    measures: [measure],
    ...unit(measure),
  };
}

const values = (rows: Row[], key: string) => rows.map((row) => String(row[key]));
const figure = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);

function isMeasure(rows: Row[], key: string): boolean {
  const known = rows.map((row) => row[key]).filter((value) => value !== null && value !== undefined);
  return known.length >= 2 && known.every((value) => typeof value === "number");
}

/** Each moment later than the one before: a series. */
const rises = (rows: Row[], key: string): boolean =>
  values(rows, key).every((value, index, all) => index === 0 || value > (all[index - 1] ?? ""));

/** The column that names each row, a name before an id unless the names are too long to stand under bars. */
function nameOf(rows: Row[], keys: string[]): string | undefined {
  const naming = keys.filter((key) => {
    const texts = rows.map((row) => row[key]);
    return texts.every((text) => kindOf(text) === "text") && new Set(texts).size === rows.length;
  });
  const width = (key: string) => values(rows, key).join("").length;
  const words = naming.filter((key) => !/(^|_)id$/i.test(key));
  return words.find((key) => width(key) <= MAX_LABELS) ?? naming.find((key) => width(key) <= MAX_LABELS * 1.5);
}

/** The figure that the rows are about: the one that has a target, else one with a unit, else the first. */
function firstMeasure(measures: string[], keys: string[]): string {
  const aimed = new Set(keys.filter(isTarget).map(unitOf));
  return measures.find((key) => aimed.has(unitOf(key))) ?? measures.find((key) => unitOf(key)) ?? measures[0] ?? "";
}

const alike = (measures: string[], first: string): string[] =>
  [first, ...measures.filter((key) => key !== first && unitOf(key) === unitOf(first))].slice(0, MAX_MEASURES);

/** A target that is the same for all rows and in the unit of what is drawn. */
function targetOf(rows: Row[], keys: string[], measure: string): ChosenChart["target"] {
  const key = keys.find((one) => isTarget(one) && unitOf(one) === unitOf(measure));
  const value = key ? figure(rows[0]?.[key]) : null;
  return key && value !== null && rows.every((row) => row[key] === value) ? { value, key } : undefined;
}

function unit(key: string): { unit: string } | Record<string, never> {
  const found = unitOf(key);
  return found ? { unit: found } : {};
}

function point(row: Row, x: string, shown: string[]): Record<string, string | number | null> {
  return Object.fromEntries([[x, String(row[x])], ...shown.map((key) => [key, figure(row[key])])]);
}

/** "OEE, availability and performance by machine". */
export function chartTitle({ measures, x }: ChosenChart, words: { by: (what: string, x: string) => string }): string {
  const names = measures.map(humanise);
  return words.by([names[0], ...names.slice(1).map(lower)].join(", "), lower(humanise(x)));
}

// abbreviations stay as they are
const lower = (text: string) => (/^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1));
