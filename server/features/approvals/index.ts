export { keepExpiring } from "./close-approvals.ts";
export { awaitDecision, outcomeOf, type ApprovalAnswer, type ApprovalOutcome } from "./outcome.ts";
export { requestApproval, type ApprovalToAsk } from "./request-approval.ts";
export { respond } from "./respond.ts";
export * from "./schema.ts";
