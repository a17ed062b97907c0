import type { Actor } from "#server/kernel/actor.ts";
import type { Deps } from "../deps.ts";
import { cancelRun, type RunSettler } from "../runs/index.ts";
import { findSession, ownSessions } from "./sessions.ts";

/** Deletes a conversation for good: its messages and the runs that answered them. A turn under way is stopped first. */
export async function deleteSession(
  deps: Pick<Deps, "db">,
  settlers: readonly RunSettler[],
  actor: Actor,
  { id }: { id: string },
): Promise<void> {
  await findSession(deps, actor, id);
  const turns = { workspaceId: actor.workspaceId, kind: "chat" as const, subjectId: id };
  for (const run of await deps.db.run.findMany({ where: { ...turns, endedAt: null }, select: { id: true } })) {
    await cancelRun(deps, settlers, actor, run).catch((error: { code?: string }) => {
      if (error.code !== "run.ended") throw error;
    });
  }
  await deps.db.$transaction([
    deps.db.chatSession.deleteMany({ where: { id, ...ownSessions(actor) } }),
    deps.db.run.deleteMany({ where: turns }),
  ]);
}
