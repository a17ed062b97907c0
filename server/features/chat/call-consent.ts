import { AppError } from "#server/kernel/errors.ts";
import type { ToolOutcome } from "#server/mcp/gateway.ts";
import { ConsentNeeded } from "#server/mcp/consent.ts";
import {
  closeConsent,
  consentOf,
  giveBackConsent,
  outcomeOf,
  refusalOf,
  requestConsent,
  type ApprovalOutcome,
} from "../approvals/index.ts";
import type { Deps } from "../deps.ts";
import type { Execution } from "../runs/index.ts";
import type { ToolPart, Turn } from "./turn.schema.ts";

/** How a call of the gateway came out that may need a person's consent. */
export type Consented =
  | { state: "called"; outcome: ToolOutcome }
  /** A person is asked: the turn is to be suspended. */
  | { state: "waiting" }
  /** It was not made, and why. */
  | { state: "refused"; why: string }
  /** An attempt that died may have made it, and it cannot be made again. */
  | { state: "lost" };

interface Asking {
  deps: Pick<Deps, "db" | "live" | "clock">;
  execution: Pick<Execution, "run">;
  emit: Execution["emit"];
  turn: Turn;
}

/** The place of a call in its turn, which stays the same whoever takes the turn up. */
function refOf({ execution, turn }: Asking, { callId }: ToolPart) {
  const step = turn.steps.find(({ calls }) => calls.some((call) => call.callId === callId));
  const place = step?.calls.findIndex((call) => call.callId === callId) ?? -1;
  if (!step || place < 0) throw new Error(`the call ${callId} is of no step of this turn`);
  return { runId: execution.run.id, stepSeq: step.part, callN: place + 1, flowId: null };
}

function tellDecided({ emit }: Asking, { callId, approval }: ToolPart, approvalId: string, outcome: ApprovalOutcome) {
  if (outcome.state === "open" || (approval && approval.state !== "open")) return;
  if (outcome.state === "failed")
    return emit("approval_decided", { approvalId, callId, decision: outcome.error.code, by: null });
  const { decision, by, comment } = outcome.answer;
  emit("approval_decided", { approvalId, callId, decision, by: by?.name ?? null, ...(comment ? { comment } : {}) });
}

/**
 * Makes a call by `go`, which calls the gateway; where it needs consent, people are asked first. `left`: an earlier
 * attempt began the call. Throws what `go` throws.
 */
export async function callWithConsent(
  asking: Asking,
  call: ToolPart,
  { left, repeatable }: { left: boolean; repeatable: boolean },
  go: () => Promise<ToolOutcome>,
): Promise<Consented> {
  const { deps, emit } = asking;
  const ref = refOf(asking, call);
  const tellAsked = (approvalId: string, detail: unknown, title: string, expiresAt: Date | null) => {
    if (call.approval) return;
    const { arguments: args } = detail as { arguments?: unknown }; // as requestConsent writes it, secrets masked
    emit("approval_required", {
      approvalId,
      callId: call.callId,
      kind: "tool",
      tool: call.name,
      title,
      arguments: args,
      expiresAt: expiresAt?.toISOString() ?? null,
    });
  };
  const asked = left ? await consentOf(deps, ref) : null;
  if (!asked && left && !repeatable) return { state: "lost" };
  if (asked) {
    const outcome = outcomeOf(asked);
    tellAsked(asked.id, asked.detail, asked.title, asked.expiresAt);
    if (outcome.state === "open") return { state: "waiting" };
    tellDecided(asking, call, asked.id, outcome);
    const why = refusalOf(asked.tool ?? call.name, outcome);
    if (why !== null) {
      await closeConsent(deps.db, asked.id, deps.clock.now());
      return { state: "refused", why };
    }
    if (asked.usedAt) {
      if (!repeatable) return { state: "lost" };
      await giveBackConsent(deps, asked.id);
    }
  }
  try {
    const outcome = await go();
    if (asked) await closeConsent(deps.db, asked.id, deps.clock.now());
    return { state: "called", outcome };
  } catch (error) {
    if (error instanceof ConsentNeeded && !asked) {
      const approval = await requestConsent(deps, error.call, ref);
      tellAsked(approval.id, approval.detail, approval.title, approval.expiresAt);
      return { state: "waiting" };
    }
    if (asked && error instanceof AppError) await closeConsent(deps.db, asked.id, deps.clock.now());
    throw error;
  }
}
