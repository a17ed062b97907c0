import type { Approval } from "#server/generated/prisma/client.ts";
import type { Deps } from "../deps.ts";
import { approvalTopic } from "./approval-topic.ts";

/** What a node learns; `ApprovalAnswer` of the OSF client. */
export interface ApprovalAnswer {
  id: string;
  /** Value of the option. */
  decision: string;
  values: Record<string, unknown>;
  comment?: string;
  /** Null: it expired, and the default was taken. */
  by: { id: string; name: string } | null;
  at: string;
}

export type ApprovalOutcome =
  | { state: "open" }
  | { state: "answered"; answer: ApprovalAnswer }
  | { state: "failed"; error: { code: string; message: string } };

/** What an approval's row says to whoever asked. */
export function outcomeOf(approval: Approval): ApprovalOutcome {
  const { id, status, decision, values, comment, decidedById, decidedByName, decidedAt, expiresAt } = approval;
  if (status === "open") return { state: "open" };
  if (status === "cancelled")
    return {
      state: "failed",
      error: { code: "approval.cancelled", message: "The question was withdrawn before anybody answered" },
    };
  if (decision === null)
    return {
      state: "failed",
      error: {
        code: "approval.expired",
        message: `Nobody answered until ${(expiresAt ?? decidedAt)?.toISOString() ?? "it expired"}`,
      },
    };
  return {
    state: "answered",
    answer: {
      id,
      decision,
      values: (values ?? {}) as Record<string, unknown>, // written by respond and expireApprovals alone
      ...(comment === null ? {} : { comment }),
      by: decidedById === null ? null : { id: decidedById, name: decidedByName ?? "" },
      at: (decidedAt ?? approval.createdAt).toISOString(),
    },
  };
}

/**
 * Waits until an approval is no longer open, at most until the signal aborts; then, or when it is gone, what it is.
 * For pods, which ask and wait; runs are suspended instead.
 */
export async function awaitDecision(
  { db, live }: Pick<Deps, "db" | "live">,
  { id, workspaceId }: { id: string; workspaceId: string },
  signal: AbortSignal,
): Promise<ApprovalOutcome | null> {
  let wake: () => void = () => undefined;
  let told = true; // look once in any case: it may have been decided before we listened
  const hear = () => {
    told = true;
    wake();
  };
  const offs = [live.subscribe(approvalTopic(id), hear), live.onGap(hear)];
  signal.addEventListener("abort", hear);
  try {
    for (;;) {
      if (told) {
        told = false;
        const approval = await db.approval.findFirst({ where: { id, workspaceId } });
        if (!approval) return null;
        const outcome = outcomeOf(approval);
        if (outcome.state !== "open" || signal.aborted) return outcome;
      }
      if (told) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const off of offs) off();
    signal.removeEventListener("abort", hear);
  }
}
