import type { Pool, PoolClient } from "pg";
import { liveMessage } from "#server/kernel/live.ts";
import { announce, runTopic, toJsonb, type NewEvent } from "./events.ts";

/** The run is no longer this worker's: another took it over, or it was ended. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/**
 * Appends events after number `after` to a run's log and announces them, in one statement. Only the holder of the
 * lease appends, so it knows `after`; numbers therefore have no gaps, whoever lost the run can write no more, and a
 * repetition after a broken connection finds that the first try was written. Returns the last number.
 */
export async function appendEvents(
  sql: Pick<Pool | PoolClient, "query">,
  run: { id: string; leaseToken: string; after: number },
  events: readonly NewEvent[],
): Promise<number> {
  const at = new Date();
  const last = run.after + events.length;
  const written = events.map(({ type, data }) => ({ type, json: toJsonb(data) }));
  const [channel, message] = liveMessage(runTopic(run.id), announce(last, written, at));
  const { rowCount } = await sql.query(
    `WITH run AS (
       UPDATE "Run" SET "lastSeq" = $4 WHERE id = $1 AND "leaseToken" = $2 AND "lastSeq" = $3 RETURNING id
     ), written AS (
       INSERT INTO "RunEvent" ("runId", seq, type, data, at)
       SELECT run.id, $3 + item.n, item.type, item.data, $7
       FROM run, unnest($5::text[], $6::json[]) WITH ORDINALITY AS item(type, data, n)
     )
     SELECT pg_notify($8, $9) FROM run`,
    [
      run.id,
      run.leaseToken,
      run.after,
      last,
      written.map((e) => e.type),
      written.map((e) => e.json),
      at,
      channel,
      message,
    ],
  );
  if (rowCount) return last;
  const { rows } = await sql.query<{ lastSeq: number }>(
    `SELECT "lastSeq" FROM "Run" WHERE id = $1 AND "leaseToken" = $2`,
    [run.id, run.leaseToken],
  );
  if (rows[0]?.lastSeq === last) return last;
  throw new LeaseLost(`run ${run.id} is no longer held`);
}
