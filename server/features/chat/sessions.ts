import type { Actor } from "#server/kernel/actor.ts";
import type { ChatMessage, ChatSession } from "#server/generated/prisma/client.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import type { ChatMessageView, ChatSessionView } from "./schema.ts";

/** Conversations belong to one person in one workspace. */
export const ownSessions = (actor: Actor) => ({ workspaceId: actor.workspaceId, userId: actor.userId });

const sessionView = (
  { id, title, createdAt, updatedAt }: ChatSession,
  activeRunId: string | null,
): ChatSessionView => ({ id, title, createdAt, updatedAt, activeRunId });

const messageView = ({ id, role, parts, status, runId, createdAt }: ChatMessage): ChatMessageView => ({
  id,
  role: role as ChatMessageView["role"], // these columns are written by this feature alone
  parts: parts as unknown as ChatMessageView["parts"],
  status: status as ChatMessageView["status"],
  runId,
  createdAt,
});

/** The turns that are not over, by session. */
async function activeRuns({ db }: Pick<Deps, "db">, sessionIds: string[]): Promise<Map<string, string>> {
  const runs = await db.run.findMany({
    where: { kind: "chat", subjectId: { in: sessionIds }, endedAt: null },
    select: { id: true, subjectId: true },
  });
  return new Map(runs.flatMap(({ id, subjectId }) => (subjectId ? [[subjectId, id]] : [])));
}

/** Newest first, by last message. The cursor is `<updatedAt>/<id>`. */
export async function listSessions(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { search, limit, cursor }: { search?: string | undefined; limit: number; cursor?: string | undefined },
) {
  const [at, id] = cursor?.split("/") ?? [];
  const after = at && id && !Number.isNaN(Date.parse(at)) ? { updatedAt: new Date(at), id } : undefined;
  const rows = await deps.db.chatSession.findMany({
    where: {
      AND: [
        ownSessions(actor),
        search ? { title: { contains: search, mode: "insensitive" } } : {},
        after
          ? { OR: [{ updatedAt: { lt: after.updatedAt } }, { updatedAt: after.updatedAt, id: { lt: after.id } }] }
          : {},
      ],
    },
    orderBy: [{ updatedAt: "desc" }, { id: "desc" }],
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  const active = await activeRuns(
    deps,
    page.map((row) => row.id),
  );
  const last = page.at(-1);
  return {
    items: page.map((row) => sessionView(row, active.get(row.id) ?? null)),
    nextCursor: rows.length > limit && last ? `${last.updatedAt.toISOString()}/${last.id}` : null,
  };
}

export async function findSession({ db }: Pick<Deps, "db">, actor: Actor, id: string): Promise<ChatSession> {
  const session = await db.chatSession.findFirst({ where: { id, ...ownSessions(actor) } });
  if (!session) throw missing("conversation");
  return session;
}

/** The conversation and its messages, oldest first, without those that a retry replaced. */
export async function getSession(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { id }: { id: string },
): Promise<{ session: ChatSessionView; messages: ChatMessageView[] }> {
  const session = await findSession(deps, actor, id);
  // The run first: a turn that ends in between then shows as a message and not as a turn that never was.
  const active = (await activeRuns(deps, [id])).get(id) ?? null;
  const messages = await deps.db.chatMessage.findMany({
    where: { sessionId: id, workspaceId: actor.workspaceId, supersededAt: null },
    orderBy: { id: "asc" },
  });
  const answered = messages.some(({ runId, role }) => runId === active && role === "assistant");
  return { session: sessionView(session, answered ? null : active), messages: messages.map(messageView) };
}

export async function renameSession(
  deps: Pick<Deps, "db">,
  actor: Actor,
  { id, title }: { id: string; title: string },
): Promise<void> {
  const { count } = await deps.db.chatSession.updateMany({ where: { id, ...ownSessions(actor) }, data: { title } });
  if (count === 0) throw missing("conversation");
}
