import type { Actor } from "../../kernel/actor.ts";
import type { Tx } from "../../kernel/db.ts";
import { missing } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { ById, Session } from "./schema.ts";

const DAY = 86_400_000;
/** A sign-in that is not used ends after a week; that of a browser ends after 30 days in any case. */
export const IDLE_MS = 7 * DAY;
export const BROWSER_MAX_MS = 30 * DAY;

export interface From {
  ip: string;
  userAgent: string | null;
}

export async function openSession(
  tx: Tx,
  {
    at,
    userId,
    workspaceId,
    kind,
    from,
  }: { at: Date; userId: string; workspaceId: string; kind: Session["kind"]; from: From },
): Promise<string> {
  const id = newId("ses", at.getTime());
  await tx.authSession.deleteMany({ where: { userId, expiresAt: { lt: new Date(at.getTime() - BROWSER_MAX_MS) } } });
  await tx.authSession.create({
    data: {
      id,
      userId,
      workspaceId,
      kind,
      ip: from.ip,
      userAgent: from.userAgent?.slice(0, 300) ?? null,
      createdAt: at,
      lastSeenAt: at,
      expiresAt: new Date(at.getTime() + IDLE_MS),
    },
  });
  return id;
}

/** The person's sign-ins that work, the last used first. */
export async function listSessions({ db, clock }: Pick<Deps, "db" | "clock">, actor: Actor): Promise<Session[]> {
  const rows = await db.authSession.findMany({
    where: { userId: actor.userId, revokedAt: null, expiresAt: { gt: clock.now() } },
    orderBy: [{ lastSeenAt: "desc" }, { id: "desc" }],
    take: 200,
  });
  return rows.map(({ id, kind, userAgent, ip, createdAt, lastSeenAt, expiresAt }) => ({
    id,
    kind: kind === "browser" ? "browser" : "token",
    userAgent,
    ip,
    createdAt,
    lastSeenAt,
    expiresAt,
    current: id === actor.credentialId,
  }));
}

/** Ends one of the person's sign-ins. Throws `missing` for another's, and for one that has ended. */
export async function revokeSession(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  { id }: ById,
  action: "session.revoke" | "auth.logout" = "session.revoke",
): Promise<void> {
  const at = clock.now();
  await db.$transaction(async (tx) => {
    const { count } = await tx.authSession.updateMany({
      where: { id, userId: actor.userId, revokedAt: null },
      data: { revokedAt: at },
    });
    if (count === 0) throw missing("session");
    await recordAudit(tx, { at, actor, action, subject: id });
  });
}

/** Ends all sign-ins of the person except the one in use; answers how many. */
export async function revokeOtherSessions(tx: Tx, actor: Actor, at: Date): Promise<number> {
  const { count } = await tx.authSession.updateMany({
    where: { userId: actor.userId, revokedAt: null, id: { not: actor.credentialId } },
    data: { revokedAt: at },
  });
  return count;
}
