import type { Actor } from "../../kernel/actor.ts";
import type { Deps } from "../deps.ts";
import type { ListMembers, Member } from "./schema.ts";

/** The people of the actor's workspace with their roles, by id of the person. */
export async function listMembers(
  { db }: Pick<Deps, "db">,
  actor: Actor,
  { limit, cursor }: ListMembers,
): Promise<{ items: Member[]; nextCursor: string | null }> {
  const rows = await db.membership.findMany({
    where: { workspaceId: actor.workspaceId, ...(cursor ? { userId: { gt: cursor } } : {}) },
    include: { user: { select: { name: true, email: true } } },
    orderBy: { userId: "asc" },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map(({ userId, role, createdAt, user }) => ({
    userId,
    name: user.name,
    email: user.email,
    role,
    since: createdAt,
  }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.userId ?? null) : null };
}
