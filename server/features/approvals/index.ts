export { cancelApprovals, expireApprovals, keepExpiring } from "./close-approvals.ts";
export { countApprovals, getApproval, listApprovals } from "./find-approvals.ts";
export { awaitDecision, outcomeOf, type ApprovalAnswer, type ApprovalOutcome } from "./outcome.ts";
export { requestApproval, type ApprovalToAsk } from "./request-approval.ts";
export { respond } from "./respond.ts";
export * from "./schema.ts";
