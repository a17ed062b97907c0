import type { AuditFilter } from "#server/features/audit/schema.ts";

export const PERIODS = ["hour", "day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

const HOUR = 3_600_000;
const LENGTH: Record<Period, number> = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR };

export const sinceOf = (period: Period, now: Date): Date => new Date(now.getTime() - LENGTH[period]);

/** Where the filtered entries are downloaded; a path of the HTTP API that a page's link reaches. */
export function exportHref(filter: Partial<AuditFilter>, format: "csv" | "jsonl"): string {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(filter))
    if (value !== undefined) query.set(name, value instanceof Date ? value.toISOString() : value);
  return `/api/rest/admin/audit/export?${query}`;
}
