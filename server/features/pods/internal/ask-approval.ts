import type { Actor } from "#server/kernel/actor.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { awaitDecision, requestApproval } from "../../approvals/index.ts";
import type { Deps } from "../../deps.ts";
import type { AskApproval } from "./internal.schema.ts";

type AskDeps = Pick<Deps, "db" | "live" | "clock">;

/** A question of an osf-human-input node in a pod. */
export async function askApproval(
  deps: AskDeps,
  actor: Actor,
  { node, ...question }: AskApproval,
): Promise<{ id: string }> {
  const { workspaceId, userId } = actor;
  const flow = node?.z
    ? await deps.db.flow.findFirst({
        where: { workspaceId, ownerId: userId, tabId: node.z, deletedAt: null },
        select: { id: true },
      })
    : null;
  const approval = await requestApproval(deps, {
    title: question.title,
    question: question.question,
    ...(question.detail === undefined ? {} : { detail: question.detail }),
    ...(question.options ? { options: question.options } : {}),
    ...(question.form ? { form: question.form } : {}),
    ...(question.expiresIn === undefined ? {} : { expiresIn: question.expiresIn }),
    ...(question.defaultOption === undefined ? {} : { defaultOption: question.defaultOption }),
    ...(question.approvers ? { approvers: question.approvers } : {}),
    ...(question.required === undefined ? {} : { required: question.required }),
    ...(question.notByStarter === undefined ? {} : { notByStarter: question.notByStarter }),
    kind: "question",
    workspaceId,
    starterId: userId,
    runId: null,
    stepSeq: null,
    callN: null,
    flowId: flow?.id ?? null,
  });
  return { id: approval.id };
}

/** Waits `seconds` at most. `answer` null: still open. Only what the seat itself asked from a pod is found. */
export async function awaitApproval(
  deps: AskDeps,
  { workspaceId, userId }: Actor,
  id: string,
  seconds: number,
  signal: AbortSignal,
) {
  const own = await deps.db.approval.findFirst({ where: { id, workspaceId, starterId: userId, runId: null } });
  if (!own) throw missing("approval");
  const until = seconds > 0 ? AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000)]) : AbortSignal.abort();
  const outcome = await awaitDecision(deps, { id, workspaceId }, until);
  if (!outcome) throw missing("approval");
  if (outcome.state === "failed") throw new AppError("conflict", outcome.error.code, outcome.error.message);
  return { answer: outcome.state === "answered" ? outcome.answer : null };
}
