/** Whole minutes since 1970-01-01T00:00Z: the only unit of time inside the plant. */
export type Minute = number;

export const HOUR = 60;
export const DAY = 24 * HOUR;

export const minuteOf = (date: Date): Minute => Math.floor(date.getTime() / 60_000);
export const dateOf = (minute: Minute): Date => new Date(minute * 60_000);
/** ISO 8601 in UTC without milliseconds, as all tools show instants. */
export const iso = (minute: Minute): string => dateOf(minute).toISOString().replace(".000Z", "Z");
export const isoOrNull = (minute: Minute | null): string | null => (minute === null ? null : iso(minute));

/** Three shifts around the clock, in the plant's local time. */
const SHIFTS = [
  { name: "early", from: 6 * HOUR },
  { name: "late", from: 14 * HOUR },
  { name: "night", from: 22 * HOUR },
] as const;

export interface Period {
  from: Minute;
  to: Minute;
  /** In words, for people: "today since 00:00", "the last 8 hours …". */
  label: string;
}

export interface Calendar {
  timeZone: string;
  /** Minutes since local midnight, 0–1439. */
  minuteOfDay(minute: Minute): number;
  dayStart(minute: Minute): Minute;
  /** Local date, YYYY-MM-DD. */
  dateLabel(minute: Minute): string;
  shift(minute: Minute): string;
}

/** Throws RangeError for an unknown IANA time zone. */
export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" });
  let cachedQuarter = Number.NaN;
  let cachedOffset = 0;

  // Offsets change only on quarter hours, and asking Intl for each minute would dominate the simulation.
  const offset = (minute: Minute): number => {
    const quarter = Math.floor(minute / 15);
    if (quarter !== cachedQuarter) {
      const name = format.formatToParts(dateOf(quarter * 15)).find((part) => part.type === "timeZoneName")?.value ?? "";
      const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
      cachedOffset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
      cachedQuarter = quarter;
    }
    return cachedOffset;
  };
  const minuteOfDay = (minute: Minute) => (((minute + offset(minute)) % DAY) + DAY) % DAY;
  return {
    timeZone,
    minuteOfDay,
    dayStart: (minute) => minute - minuteOfDay(minute),
    dateLabel: (minute) =>
      dateOf(minute + offset(minute))
        .toISOString()
        .slice(0, 10),
    shift: (minute) => SHIFTS.findLast((shift) => shift.from <= minuteOfDay(minute))?.name ?? "night",
  };
}

/** Younger than this, a day says more about chance than about the machines. */
const YOUNG_DAY = 4 * HOUR;
const ROLLING = 8 * HOUR;

/** What "today" means for figures: since local midnight, or the last eight hours while the day is too young. */
export function currentPeriod(calendar: Calendar, now: Minute): Period {
  const from = calendar.dayStart(now);
  if (now - from >= YOUNG_DAY) return { from, to: now, label: `today since 00:00 (${calendar.timeZone})` };
  return { from: now - ROLLING, to: now, label: "the last 8 hours, because the day has only just begun" };
}
