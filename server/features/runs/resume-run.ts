import type { Tx } from "#server/kernel/db.ts";
import { liveMessage } from "#server/kernel/live.ts";
import { queueTopic, resumeTopic, workspaceTopic } from "./events.ts";
import { SUSPENDED } from "./schema.ts";
import { spoken, stored } from "./rows.ts";

/**
 * Lets a suspended run go on, when and only when `tx` commits; a run that is under way is told of it (`onResume`).
 * Call it in the very transaction that decides what the run waits for: the row is locked, so that a run which is just
 * about to be suspended either sees the decision or is found suspended. Does nothing to a run that is over.
 */
export async function resumeRun(tx: Tx, runId: string): Promise<void> {
  const [run] = await tx.$queryRaw<{ status: string; kind: string; workspaceId: string; userId: string | null }[]>`
    SELECT status::text, kind::text, "workspaceId", "userId" FROM "Run" WHERE id = ${runId} FOR UPDATE`;
  if (!run) return;
  const tell = (topic: string, payload: string) => {
    const [channel, message] = liveMessage(topic, payload);
    return tx.$executeRaw`SELECT pg_notify(${channel}, ${message})`;
  };
  if (!SUSPENDED.some((status) => stored(status) === run.status)) {
    if (run.status === "running") await tell(resumeTopic, runId);
    return;
  }
  await tx.$executeRaw`UPDATE "Run" SET status = 'queued' WHERE id = ${runId}`;
  await tell(queueTopic, "");
  const { userId } = run;
  const kind = spoken(run.kind);
  await tell(workspaceTopic(run.workspaceId), JSON.stringify({ type: "run", runId, status: "queued", kind, userId }));
}
