import type { Actor } from "#server/kernel/actor.ts";
import { newId } from "#server/kernel/ids.ts";
import type { World } from "#tests/support/world.ts";
import type { ApprovalToAsk } from "./request-approval.ts";

/** A question of this person to whoever may answer. */
export const asks = (actor: Actor, more: Partial<ApprovalToAsk> = {}): ApprovalToAsk => ({
  kind: "question",
  workspaceId: actor.workspaceId,
  starterId: actor.userId,
  runId: null,
  stepSeq: null,
  callN: null,
  flowId: null,
  title: "Release lot 7?",
  question: "Release lot 7?",
  ...more,
});

/** The pod of a person's seat, whose flows ask. */
export const podOf = ({ deps }: World, { workspaceId, userId }: Actor) =>
  deps.db.pod.create({
    data: { id: newId("pod"), driver: "memory", state: "claimed", version: "1", workspaceId, userId },
  });

export const statusOf = async ({ deps }: World, runId: string) =>
  (await deps.db.run.findUniqueOrThrow({ where: { id: runId } })).status;
