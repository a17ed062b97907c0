import type { Prisma } from "#server/kernel/db.ts";
import type { Run } from "#server/generated/prisma/client.ts";
import { authorise, type Actor, type ActorRecord } from "#server/kernel/actor.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { eventView, shownEvent } from "./events.ts";
import type { RunDetail, RunError, RunEventView, RunFilter, RunUsage, RunView } from "./schema.ts";

/** What a person may see: the workspace's runs, but of conversations only their own. */
export const visibleTo = (actor: Actor): Prisma.RunWhereInput => ({
  workspaceId: actor.workspaceId,
  OR: [{ kind: { not: "chat" } }, { userId: actor.userId }],
});

export const runView = (run: Run): RunView => ({
  id: run.id,
  workspaceId: run.workspaceId,
  kind: run.kind,
  title: run.title,
  status: run.status,
  trigger: run.trigger,
  subjectId: run.subjectId,
  userId: run.userId,
  actorName: (run.actor as unknown as ActorRecord).name, // written by startRun alone
  attempt: run.attempt,
  error: run.error as RunError | null, // written by endRun alone
  usage: run.usage as RunUsage | null, // written by endRun alone
  lastSeq: run.lastSeq,
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
});

export async function findRun({ db }: Pick<Deps, "db">, actor: Actor, id: string): Promise<Run> {
  const run = await db.run.findFirst({ where: { id, ...visibleTo(actor) } });
  if (!run) throw missing("run");
  return run;
}

export async function getRun(deps: Pick<Deps, "db">, actor: Actor, { id }: { id: string }): Promise<RunDetail> {
  const run = await findRun(deps, actor, id);
  return { ...runView(run), parentRunId: run.parentRunId, input: run.input, output: run.output };
}

/** Newest first. `everywhere`: over all workspaces, for the platform's owner. */
export async function listRuns(
  { db }: Pick<Deps, "db">,
  actor: Actor,
  filter: RunFilter,
  everywhere = false,
): Promise<{ items: RunView[]; nextCursor: string | null }> {
  if (everywhere) authorise(actor, "admin.read");
  const { kind, status, search, subjectId, limit, cursor } = filter;
  const rows = await db.run.findMany({
    where: {
      AND: [
        everywhere ? {} : visibleTo(actor),
        kind ? { kind } : {},
        status ? { status } : {},
        subjectId ? { subjectId } : {},
        search ? { title: { contains: search, mode: "insensitive" } } : {},
        cursor ? { id: { lt: cursor } } : {},
      ],
    },
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map(runView);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** The title of a chat's run is the question: whoever administers sees that it ran, and for whom, not what was asked. */
export const withoutQuestions = <Page extends { items: RunView[] }>(actor: Actor, page: Page): Page => ({
  ...page,
  items: page.items.map((run) => (run.kind === "chat" && run.userId !== actor.userId ? { ...run, title: "" } : run)),
});

/** A page of a run's events, in order. */
export async function listRunEvents(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { id, after, limit }: { id: string; after: number; limit: number },
): Promise<RunEventView[]> {
  const run = await findRun(deps, actor, id);
  const rows = await deps.db.runEvent.findMany({
    where: { runId: run.id, seq: { gt: after } },
    orderBy: { seq: "asc" },
    take: limit,
  });
  return rows.map((row) => shownEvent(eventView(row)));
}
