export { keepExpiring } from "./close-approvals.ts";
export { createConsentStage, refusalOf } from "./consent-stage.ts";
export { getApproval, listApprovals } from "./find-approvals.ts";
export { awaitDecision, outcomeOf, type ApprovalAnswer, type ApprovalOutcome } from "./outcome.ts";
export { requestApproval, type ApprovalToAsk } from "./request-approval.ts";
export { respond } from "./respond.ts";
export * from "./schema.ts";
export { closeConsent, consentOf, giveBackConsent, requestConsent } from "./tool-consent.ts";
