import type { Run } from "#server/generated/prisma/client.ts";
import { Prisma, type Tx } from "#server/kernel/db.ts";
import { liveMessage } from "#server/kernel/live.ts";
import { LeaseLost } from "./lease.ts";
import {
  announce,
  asJsonb,
  cancelTopic,
  eventView,
  runTopic,
  toJsonb,
  workspaceTopic,
  type NewEvent,
} from "./events.ts";
import type { RunSettler, Starter } from "./kinds.ts";
import type { EndedStatus, RunError, RunUsage } from "./schema.ts";

export interface Ending {
  status: EndedStatus;
  output?: unknown;
  error?: RunError;
  usage?: RunUsage;
}

/** The last event of a run. */
export function terminalEvent(runId: string, requestId: string | undefined, ending: Ending): NewEvent {
  const { status, error, usage } = ending;
  const from = requestId ? { requestId } : {};
  if (status === "completed") return { type: "done", data: { runId, status, ...(usage ? { usage } : {}), ...from } };
  if (status === "cancelled") return { type: "cancelled", data: { runId, status, ...from } };
  return { type: "error", data: { runId, status, ...error, ...from } };
}

/**
 * Ends a run: its status, its terminal event, its open approvals and what its kind settles (for example the chat
 * message), in the given transaction. `leaseToken`: only if it is still held by it; null: whoever holds it, as a cancel does.
 * Throws LeaseLost when the run ended before or is held by another.
 */
export async function endRun(
  tx: Tx,
  settlers: readonly RunSettler[],
  runId: string,
  leaseToken: string | null,
  ending: Ending,
): Promise<Run> {
  // Before the run, in the order in which whoever decides them locks the two.
  const { count: withdrawn } = await tx.approval.updateMany({
    where: { runId, status: "open" },
    data: { status: "cancelled", decidedAt: new Date() },
  });
  const [ended] = await tx.run.updateManyAndReturn({
    where: {
      id: runId,
      status: { notIn: ["completed", "failed", "cancelled", "timed_out"] },
      ...(leaseToken === null ? {} : { leaseToken }),
    },
    data: {
      status: ending.status,
      endedAt: new Date(),
      leaseToken: null,
      leaseUntil: null,
      lastSeq: { increment: 1 },
      output: ending.output === undefined ? Prisma.DbNull : asJsonb(ending.output),
      error: ending.error ? asJsonb(ending.error) : Prisma.DbNull,
      ...(ending.usage ? { usage: { ...ending.usage } } : {}),
    },
  });
  if (!ended) throw new LeaseLost(`run ${runId} is no longer held`);

  const { requestId } = ended.actor as unknown as Starter; // written by startRun alone
  const event = terminalEvent(runId, requestId, ending);
  const at = new Date();
  await tx.runEvent.create({
    data: { runId, seq: ended.lastSeq, type: event.type, data: asJsonb(event.data), at },
  });
  const settler = settlers.find(({ kind }) => kind === ended.kind);
  if (settler) {
    const events = await tx.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } });
    await settler.settle(tx, {
      run: ended,
      status: ending.status,
      error: ending.error ?? null,
      events: events.map(eventView),
    });
  }
  const messages = [
    liveMessage(runTopic(runId), announce(ended.lastSeq, [{ type: event.type, json: toJsonb(event.data) }], at)),
    liveMessage(
      workspaceTopic(ended.workspaceId),
      JSON.stringify({ type: "run", runId, status: ended.status, kind: ended.kind, userId: ended.userId }),
    ),
  ];
  if (withdrawn > 0)
    messages.push(liveMessage(workspaceTopic(ended.workspaceId), JSON.stringify({ type: "approval" })));
  if (leaseToken === null) messages.push(liveMessage(cancelTopic, runId));
  for (const [channel, message] of messages) await tx.$executeRaw`SELECT pg_notify(${channel}, ${message})`;
  return ended;
}
