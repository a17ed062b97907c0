export interface DayGroup<T> {
  /** `today`, `yesterday`, `week`, else the month as `2030-01`. */
  key: string;
  items: T[];
}

const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate());

/** Groups what is sorted newest first by how long ago it was, in days of the reader's calendar. */
export function groupByDay<T extends { updatedAt: Date }>(items: readonly T[], now: Date): DayGroup<T>[] {
  const today = startOfDay(now);
  const daysBefore = (days: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  const keyOf = ({ updatedAt: at }: T) => {
    if (at >= today) return "today";
    if (at >= daysBefore(1)) return "yesterday";
    if (at >= daysBefore(7)) return "week";
    return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}`;
  };
  const groups: DayGroup<T>[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const last = groups.at(-1);
    if (last?.key === key) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups;
}
