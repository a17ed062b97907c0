import type { CallRef } from "#server/engine/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import { consentTool, type ConsentCall } from "#server/mcp/consent.ts";
import { consentOf, giveBackConsent, outcomeOf, refusalOf, requestConsent } from "../../approvals/index.ts";
import type { Execution } from "../../runs/index.ts";
import { answerTo, tellAnswer, type ApprovalDeps, type ApprovalNews, type Asking } from "./ask-approval.ts";

const refOf = ({ run }: Pick<Execution, "run">, { step, n }: CallRef) => ({
  runId: run.id,
  stepSeq: step,
  callN: n,
  flowId: run.subjectId,
});

/** Asks people whether a step's call of a tool may be made, and waits. Throws AppError (`approval.refused`) where not. */
export async function askConsent(
  deps: ApprovalDeps,
  execution: Execution,
  news: ApprovalNews,
  { ref, call }: { ref: CallRef; call: ConsentCall },
  asking: Asking,
): Promise<void> {
  const approval = await requestConsent(deps, call, refOf(execution, ref));
  const told = { step: ref.step, kind: "tool", tool: consentTool(call) };
  const answer = await answerTo(deps, execution, news, { approval, told }, asking);
  const refusal = refusalOf(consentTool(call), { state: "answered", answer });
  if (refusal !== null) throw new AppError("unprocessable", "approval.refused", refusal);
}

/**
 * What consent tells of a call that an earlier attempt began. `left` false: it waited for consent, or had it and was not
 * made; null: it needed none, so nothing is known. The run is told of the answer. `giveBack` lets it be made again with the same consent.
 */
export async function consentBefore(
  deps: Pick<ApprovalDeps, "db">,
  execution: Pick<Execution, "run">,
  news: ApprovalNews,
  ref: CallRef,
): Promise<{ left: boolean | null; giveBack(): Promise<{ repeat: true }> }> {
  const asked = await consentOf(deps, refOf(execution, ref));
  const outcome = asked && outcomeOf(asked);
  if (outcome?.state === "answered") await tellAnswer(news, outcome.answer);
  return {
    left: asked ? asked.usedAt !== null : null,
    async giveBack() {
      if (asked) await giveBackConsent(deps, asked.id);
      return { repeat: true };
    },
  };
}
