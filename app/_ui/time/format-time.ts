import { FORMAT_TAG, type Locale } from "../words/locales.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const units = {
  en: { second: "s", minute: "min", hour: "h", day: "d" },
  de: { second: "s", minute: "Min.", hour: "Std.", day: "T." },
} as const;

/**
 * "just now", "12 s ago", "in 3 min", "5 d ago"; from seven days on the date ("12 Mar", with the year where it is
 * another). `at` and `now` in ms.
 */
export function relativeTime(at: number, now: number, locale: Locale): string {
  const distance = Math.abs(now - at);
  const word = units[locale];
  if (distance < 5 * SECOND) return locale === "de" ? "gerade eben" : "just now";
  if (distance >= 7 * DAY) return shortDate(at, now, locale);
  const amount =
    distance < MINUTE
      ? `${Math.floor(distance / SECOND)} ${word.second}`
      : distance < HOUR
        ? `${Math.floor(distance / MINUTE)} ${word.minute}`
        : distance < DAY
          ? `${Math.floor(distance / HOUR)} ${word.hour}`
          : `${Math.floor(distance / DAY)} ${word.day}`;
  if (locale === "de") return at > now ? `in ${amount}` : `vor ${amount}`;
  return at > now ? `in ${amount}` : `${amount} ago`;
}

// UTC: the server does not know the reader's zone, and a date that jumps on hydration is worse than one a few hours off
// a day's border; the exact local time is on hover.
function shortDate(at: number, now: number, locale: Locale): string {
  const sameYear = new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear();
  return new Intl.DateTimeFormat(FORMAT_TAG[locale], {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    timeZone: "UTC",
  }).format(at);
}

/** How often the words above can change at this age, ms; `null` when they stand still. */
export function tickFor(distance: number): number | null {
  const age = Math.abs(distance);
  if (age < MINUTE) return SECOND;
  if (age < HOUR) return 15 * SECOND;
  if (age < DAY) return 5 * MINUTE;
  return age < 7 * DAY ? HOUR : null;
}

/** The whole instant with seconds and zone, in the reader's own zone unless one is named. */
export function exactTime(at: number, locale: Locale, timeZone?: string): string {
  return new Intl.DateTimeFormat(FORMAT_TAG[locale], {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    ...(timeZone ? { timeZone } : {}),
  }).format(at);
}

const two = (n: number) => String(n).padStart(2, "0");

/** "182 ms", "1.2 s", "12 s", "3 min 05 s", "2 h 04 min", "3 d 4 h": two units at most, never rounded up. */
export function formatDuration(ms: number, locale: Locale): string {
  const word = units[locale];
  const length = Math.max(0, ms);
  if (length < SECOND) return `${Math.floor(length)} ms`;
  if (length < 10 * SECOND) {
    const tenths = Math.floor(length / 100) / 10;
    return `${tenths.toLocaleString(FORMAT_TAG[locale], { minimumFractionDigits: 1 })} ${word.second}`;
  }
  const seconds = Math.floor(length / SECOND);
  if (length < MINUTE) return `${seconds} ${word.second}`;
  if (length < HOUR) return `${Math.floor(seconds / 60)} ${word.minute} ${two(seconds % 60)} ${word.second}`;
  const minutes = Math.floor(seconds / 60);
  if (length < DAY) return `${Math.floor(minutes / 60)} ${word.hour} ${two(minutes % 60)} ${word.minute}`;
  return `${Math.floor(length / DAY)} ${word.day} ${Math.floor((length % DAY) / HOUR)} ${word.hour}`;
}

/** A running clock: "00:12", "1:04:09". */
export function clockTime(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / SECOND);
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A calendar day without a zone (`2026-03-20`): the same day for every reader. */
export function exactDate(day: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}
