export { keepLinking } from "./link-audit.ts";
export { deleteOldAudit } from "./delete-old-audit.ts";
export { recordAudit, type AuditNote } from "./record-audit.ts";
export { withoutSecrets, type Detail } from "./without-secrets.ts";
export { verifyAudit } from "./verify-audit.ts";
