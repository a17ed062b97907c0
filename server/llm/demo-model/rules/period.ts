import { fold } from "./lexicon.ts";

/** A span of time that a text names, in local calendar days. */
export interface Period {
  /** Both `YYYY-MM-DD`, inclusive. */
  from: string;
  to: string;
  /** "last 7 days": the number, its unit and whether it looks ahead. */
  amount?: number;
  unit?: "minute" | "hour" | "day" | "week" | "month";
  ahead?: boolean;
  /** The words that named it: they are repeated in the answer. */
  words: string;
}

const UNITS: [NonNullable<Period["unit"]>, string][] = [
  ["minute", "minutes?|minuten?"],
  ["hour", "hours?|h|stunden?"],
  ["day", "days?|tage?n?"],
  ["week", "weeks?|wochen?"],
  ["month", "months?|monate?n?"],
];
const DAYS = [
  "sunday|sonntag",
  "monday|montag",
  "tuesday|dienstag",
  "wednesday|mittwoch",
  "thursday|donnerstag",
  "friday|freitag",
  "saturday|samstag",
];
const MINUTES = { minute: 1, hour: 60, day: 1440, week: 10_080, month: 43_200 };

export const isoDay = (date: Date) =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

const addDays = (date: Date, days: number) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);

export function periodOf(text: string, now: Date): Period | undefined {
  const folded = fold(text);
  const span = (from: Date, to: Date, words: string): Period => ({ from: isoDay(from), to: isoDay(to), words });

  const dates = [
    ...folded.matchAll(/\b(\d{4})-(\d{2})-(\d{2})\b|\b(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?(?!\d)/gu),
  ].flatMap((match) => {
    const [words, year, month, day, dayDe, monthDe, yearDe] = match;
    const fullYear = Number(year ?? (yearDe ? (yearDe.length === 2 ? `20${yearDe}` : yearDe) : now.getFullYear()));
    const date = new Date(fullYear, Number(month ?? monthDe) - 1, Number(day ?? dayDe));
    return date.getMonth() === Number(month ?? monthDe) - 1 ? [{ date, words }] : [];
  });
  if (dates[0]) {
    const last = dates[1] ?? dates[0];
    const open = !dates[1] && /\b(?:since|seit)\s+\S*\d/.test(folded);
    return span(dates[0].date, open ? now : last.date, dates.map((date) => date.words).join(" – "));
  }
  for (const [unit, pattern] of UNITS) {
    const match = new RegExp(
      `\\b(last|past|previous|next|coming|within(?: the next)?|letzten?|vergangenen?|naechsten?|kommenden?|innerhalb von|in den naechsten) (\\d{1,4}) ?(?:${pattern})\\b`,
      "u",
    ).exec(folded);
    if (!match?.[1] || !match[2]) continue;
    const amount = Number(match[2]);
    const ahead = /next|coming|within|naechst|kommend|innerhalb/.test(match[1]);
    const edge = new Date(now.getTime() + (ahead ? 1 : -1) * amount * MINUTES[unit] * 60_000);
    return { ...(ahead ? span(now, edge, match[0]) : span(edge, now, match[0])), amount, unit, ahead };
  }
  const monday = addDays(now, -((now.getDay() + 6) % 7));
  const month = (offset: number) =>
    [
      new Date(now.getFullYear(), now.getMonth() + offset, 1),
      new Date(now.getFullYear(), now.getMonth() + offset + 1, 0),
    ] as const;
  const named: [RegExp, () => readonly [Date, Date]][] = [
    [/\b(?:day before yesterday|vorgestern)\b/, () => [addDays(now, -2), addDays(now, -2)]],
    [/\b(?:day after tomorrow|uebermorgen)\b/, () => [addDays(now, 2), addDays(now, 2)]],
    [/\b(?:today|heute|heutige[nrs]?)\b/, () => [now, now]],
    [/\b(?:yesterday|gestern|gestrige[nrs]?)\b/, () => [addDays(now, -1), addDays(now, -1)]],
    [/\b(?:tomorrow|morgen)\b/, () => [addDays(now, 1), addDays(now, 1)]],
    [/\b(?:this week|diese[nr]? woche)\b/, () => [monday, now]],
    [/\b(?:last week|previous week|letzten? woche|vorige woche)\b/, () => [addDays(monday, -7), addDays(monday, -1)]],
    [/\b(?:next week|naechsten? woche)\b/, () => [addDays(monday, 7), addDays(monday, 13)]],
    [/\b(?:this month|diese[nmrs]* monat)\b/, () => [month(0)[0], now]],
    [/\b(?:last month|letzten? monat|vorigen monat)\b/, () => month(-1)],
  ];
  const found = named
    .flatMap(([pattern, range]) => {
      const match = pattern.exec(folded);
      // "Guten Morgen" greets.
      return match && !/\bguten? morgen\b/.test(folded.slice(Math.max(0, match.index - 6), match.index + 6))
        ? [{ match, range }]
        : [];
    })
    .toSorted((a, b) => a.match.index - b.match.index)[0];
  if (found) {
    const [from, to] = found.range();
    const open = from < now && /\b(?:since|seit) $/.test(folded.slice(0, found.match.index));
    return span(from, open ? now : to, found.match[0]);
  }
  for (const [day, pattern] of DAYS.entries()) {
    const match = new RegExp(`\\b(?:(since|seit|on|am|last|letzten) )?(?:${pattern})\\b`, "u").exec(folded);
    if (!match) continue;
    const date = addDays(now, -((now.getDay() - day + 7) % 7 || 7));
    return span(date, /since|seit/.test(match[1] ?? "") ? now : date, match[0]);
  }
  return undefined;
}
