import type { Pool } from "pg";
import type { Run } from "#server/generated/prisma/client.ts";
import { liveMessage } from "#server/kernel/live.ts";
import { inTransaction } from "#server/kernel/transaction.ts";
import { announce, queueTopic, runTopic, toJsonb, workspaceTopic } from "./events.ts";
import type { Suspension } from "./kinds.ts";
import { LeaseLost } from "./lease.ts";
import { stored } from "./rows.ts";

/**
 * Gives a run up until `resumeRun`: its lease is over, and its attempts are counted anew, because it was not
 * interrupted. When what it asked for was decided meanwhile it goes back to the queue at once: whoever decides locks
 * the run's row, and it is locked here before looking, so that one of the two sees the other.
 * All that the run recorded must be durable. Throws LeaseLost when it is no longer held.
 */
export async function suspendRun(
  sql: Pool,
  { id: runId, workspaceId, userId, kind }: Run,
  leaseToken: string,
  { suspend, usage }: Suspension,
): Promise<void> {
  await inTransaction(sql, async (client) => {
    await client.query(`SELECT FROM "Run" WHERE id = $1 FOR UPDATE`, [runId]);
    const { rows } = await client.query<{ lastSeq: number; status: string; at: Date }>(
      `UPDATE "Run" SET "lastSeq" = "lastSeq" + 1, "leaseToken" = NULL, "leaseUntil" = NULL, attempt = 0,
         usage = coalesce($4::jsonb, usage),
         status = CASE WHEN EXISTS (
           SELECT FROM "Approval" LEFT JOIN "RunCall" AS call
             ON call."runId" = "Approval"."runId" AND call."stepSeq" = "Approval"."stepSeq" AND call.n = abs("Approval"."callN")
           WHERE "Approval"."runId" = $1 AND "Approval".status <> 'open' AND coalesce(call.state, 'begun') = 'begun'
             AND ("Approval".kind <> 'tool' OR "Approval"."usedAt" IS NULL)
         ) OR EXISTS (SELECT FROM "RunCall" WHERE "runId" = $1 AND state = 'answered') THEN 'queued' ELSE $3::"RunStatus" END
       WHERE id = $1 AND "leaseToken" = $2
       RETURNING "lastSeq", status::text, now() AS at`,
      [runId, leaseToken, stored(suspend), usage ? toJsonb(usage) : null],
    );
    const [run] = rows;
    if (!run) throw new LeaseLost(`run ${runId} is no longer held`);
    const event = { type: "suspended", json: toJsonb({ status: suspend }) };
    await client.query(`INSERT INTO "RunEvent" ("runId", seq, type, data, at) VALUES ($1, $2, $3, $4, $5)`, [
      runId,
      run.lastSeq,
      event.type,
      event.json,
      run.at,
    ]);
    const goesOn = run.status === "queued";
    const hint = JSON.stringify({ type: "run", runId, status: goesOn ? "queued" : suspend, kind, userId });
    const messages = [
      liveMessage(runTopic(runId), announce(run.lastSeq, [event], run.at)),
      liveMessage(workspaceTopic(workspaceId), hint),
      ...(goesOn ? [liveMessage(queueTopic)] : []),
    ];
    for (const message of messages) await client.query("SELECT pg_notify($1, $2)", message);
  });
}
