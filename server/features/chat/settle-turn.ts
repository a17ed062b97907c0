import type { Prisma } from "#server/kernel/db.ts";
import { newId } from "#server/kernel/ids.ts";
import type { RunSettler } from "../runs/index.ts";
import type { TurnInput } from "./schema.ts";
import { foldTurn, messageParts } from "./turn.schema.ts";

/** When a turn ends, in the same transaction, its answer becomes a message of the conversation: whole, stopped or failed. */
export const chatSettler: RunSettler = {
  kind: "chat",
  async settle(tx, { run, status, events }) {
    const input = run.input as unknown as TurnInput; // written by this feature's start functions alone
    if (input.source !== "session") return;
    const session = await tx.chatSession.findFirst({ where: { id: input.sessionId, workspaceId: run.workspaceId } });
    if (!session) return; // deleted meanwhile
    await tx.chatMessage.create({
      data: {
        id: newId("msg"),
        workspaceId: run.workspaceId,
        sessionId: input.sessionId,
        runId: run.id,
        role: "assistant",
        parts: messageParts(foldTurn(events)) as unknown as Prisma.InputJsonArray, // plain JSON
        status: status === "completed" ? "complete" : status === "cancelled" ? "stopped" : "failed",
      },
    });
    await tx.chatSession.update({ where: { id: session.id }, data: { updatedAt: new Date() } });
  },
};
