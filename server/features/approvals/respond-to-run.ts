import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { openApprovalOf } from "./find-approvals.ts";
import { respond } from "./respond.ts";
import type { ApprovalView, RespondToRun } from "./schema.ts";

/**
 * Answers what a run waits for. Throws `conflict`: `approval.none` when it waits for nothing, `approval.several` with
 * the ids when it waits for more than one answer and none is named.
 */
export async function respondToRun(
  deps: Pick<Deps, "db" | "live" | "clock">,
  actor: Actor,
  { runId, decision, response, approval, ...rest }: RespondToRun & { runId: string },
): Promise<ApprovalView> {
  const open = await openApprovalOf(deps, actor, { runId, approval });
  if ("none" in open) throw new AppError("conflict", "approval.none", "This run waits for no answer");
  if ("several" in open)
    throw new AppError(
      "conflict",
      "approval.several",
      `This run waits for ${open.several.length} answers: name one with "approval"`,
      { extra: { approvals: open.several } },
    );
  return respond(deps, actor, { id: open.id, decision: decision ?? response ?? "", ...rest });
}
