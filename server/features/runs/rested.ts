import type { Deps } from "../deps.ts";

/**
 * How long a run was suspended in all, until now where it just comes out of it: that time does not count against its
 * limit. `suspended`: whether it does.
 */
export async function restedMs({ sql }: Pick<Deps, "sql">, runId: string): Promise<{ ms: number; suspended: boolean }> {
  const { rows } = await sql.query<{ type: string; at: Date }>(
    `SELECT type, at FROM "RunEvent" WHERE "runId" = $1 AND type IN ('suspended', 'resumed') ORDER BY seq`,
    [runId],
  );
  let ms = 0;
  let since: number | null = null;
  for (const { type, at } of rows) {
    if (type === "suspended") since ??= at.getTime();
    else if (since !== null) {
      ms += at.getTime() - since;
      since = null;
    }
  }
  return since === null ? { ms, suspended: false } : { ms: ms + Date.now() - since, suspended: true };
}
