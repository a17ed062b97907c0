import type { Actor } from "#server/kernel/actor.ts";
import type { Tx } from "#server/kernel/db.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { newId } from "#server/kernel/ids.ts";
import type { Deps } from "../deps.ts";
import { idempotencyMismatch, startRun } from "../runs/index.ts";
import type { SendMessage, TurnInput } from "./schema.ts";
import { ownSessions } from "./sessions.ts";
import type { MessagePart } from "./turn.schema.ts";

export interface StartedTurn {
  sessionId: string;
  runId: string;
}

const titleOf = (text: string) => {
  const line = text.split("\n")[0]?.trim() ?? "";
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
};

/** Locks the conversation and makes sure that no turn of it is under way. */
async function lockSession(tx: Tx, actor: Actor, id: string): Promise<void> {
  const { count } = await tx.chatSession.updateMany({
    where: { id, ...ownSessions(actor) },
    data: { updatedAt: new Date() },
  });
  if (count === 0) throw missing("conversation");
  const busy = await tx.run.findFirst({ where: { kind: "chat", subjectId: id, endedAt: null }, select: { id: true } });
  if (busy)
    throw new AppError(
      "conflict",
      "chat.busy",
      "The last question of this conversation is still being answered. Wait for it or stop it",
      { extra: { runId: busy.id } },
    );
}

/** The turn that this key started before. Throws `unprocessable` when it was started with another message. */
async function sentBefore(tx: Tx, actor: Actor, key: string, message: string): Promise<StartedTurn | null> {
  const idempotencyKey = `${actor.userId}:${key}`;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${idempotencyKey}, 0))`;
  const run = await tx.run.findFirst({ where: { workspaceId: actor.workspaceId, idempotencyKey } });
  if (!run) return null;
  const question = await tx.chatMessage.findFirst({ where: { runId: run.id, role: "user" } });
  const parts = (question?.parts ?? []) as unknown as MessagePart[]; // written by this feature alone
  const same = parts.some((part) => part.type === "text" && part.text === message);
  if (!run.subjectId || !same) throw idempotencyMismatch();
  return { sessionId: run.subjectId, runId: run.id };
}

/** Stores the question and starts the turn that answers it: both or neither. */
export async function sendMessage(
  deps: Pick<Deps, "db" | "jobs" | "live">,
  actor: Actor,
  { message, sessionId, tier }: SendMessage,
  { trigger, ...from }: { trigger: "chat" | "api"; idempotencyKey?: string | undefined; requestId?: string },
): Promise<StartedTurn> {
  return deps.db.$transaction(async (tx) => {
    const known = from.idempotencyKey ? await sentBefore(tx, actor, from.idempotencyKey, message) : null;
    if (known) return known;

    const session = sessionId ?? newId("chat");
    if (sessionId) await lockSession(tx, actor, sessionId);
    else await tx.chatSession.create({ data: { id: session, ...ownSessions(actor), title: titleOf(message) } });
    const messageId = newId("msg");
    const input: TurnInput = { source: "session", sessionId: session, messageId, tier };
    const { run } = await startRun(deps, tx, actor, {
      kind: "chat",
      subjectId: session,
      title: titleOf(message),
      trigger,
      input,
      ...from,
    });
    await tx.chatMessage.create({
      data: {
        id: messageId,
        workspaceId: actor.workspaceId,
        sessionId: session,
        runId: run.id,
        role: "user",
        parts: [{ type: "text", text: message }],
        status: "complete",
      },
    });
    return { sessionId: session, runId: run.id };
  });
}

/** Answers the last question anew; the answer before it stays in the log and is no longer shown. */
export async function retryTurn(
  deps: Pick<Deps, "db" | "jobs" | "live">,
  actor: Actor,
  { sessionId, runId }: StartedTurn,
  from: { requestId?: string } = {},
): Promise<StartedTurn> {
  return deps.db.$transaction(async (tx) => {
    await lockSession(tx, actor, sessionId);
    const last = await tx.chatMessage.findFirst({
      where: { sessionId, workspaceId: actor.workspaceId, supersededAt: null },
      orderBy: { id: "desc" },
    });
    const run = await tx.run.findFirst({
      where: { id: runId, subjectId: sessionId, workspaceId: actor.workspaceId, userId: actor.userId },
    });
    if (!run) throw missing("run");
    if (last?.runId !== runId)
      throw new AppError("conflict", "chat.not-last", "Only the last answer of a conversation can be written anew");
    if (last.role === "assistant")
      await tx.chatMessage.update({ where: { id: last.id }, data: { supersededAt: new Date() } });
    const input = run.input as unknown as TurnInput & { source: "session" }; // runs with this subject are of sessions
    const next = await startRun(deps, tx, actor, {
      kind: "chat",
      subjectId: sessionId,
      title: run.title,
      trigger: "chat",
      input,
      ...from,
    });
    return { sessionId, runId: next.run.id };
  });
}
