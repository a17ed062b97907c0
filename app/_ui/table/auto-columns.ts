/** The keys of all rows in order of first appearance; numeric where every present value is a number. */
export function autoColumns(rows: Record<string, unknown>[]): { key: string; numeric: boolean }[] {
  const seen = new Map<string, { numbers: number; others: number }>();
  for (const row of rows)
    for (const [key, value] of Object.entries(row)) {
      const tally = seen.get(key) ?? { numbers: 0, others: 0 };
      if (typeof value === "number") tally.numbers++;
      else if (value !== null && value !== undefined && value !== "") tally.others++;
      seen.set(key, tally);
    }
  return [...seen].map(([key, { numbers, others }]) => ({ key, numeric: numbers > 0 && others === 0 }));
}
