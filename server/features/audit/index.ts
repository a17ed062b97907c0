export { recordAudit, type AuditNote } from "./record-audit.ts";
