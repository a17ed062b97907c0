import { recordOf, type Actor, type ActorRecord } from "../../kernel/actor.ts";
import type { Rows, Tx } from "../../kernel/db.ts";
import { newId } from "../../kernel/ids.ts";
import { withoutSecrets, type Detail } from "./without-secrets.ts";

/** Something that somebody did, or tried to do. */
export interface AuditNote {
  at: Date;
  /** Null: nobody that is known, for example a failed sign-in. */
  actor: Actor | ActorRecord | null;
  /** Whose entry it is where nobody acted, but something of a workspace is concerned. */
  workspaceId?: string | null;
  /** `auth.login`, `tool.call`, … */
  action: string;
  /** What it was done to: the tool, the e-mail address, the key's name. */
  subject?: string;
  /** `refused`: was not allowed; `failed`: was allowed and went wrong. */
  outcome?: "ok" | "refused" | "failed";
  runId?: string;
  durationMs?: number;
  /** Secrets are replaced, by name and by shape; still, pass none. */
  detail?: Detail;
}

/** Appends to the audit. Inside the transaction of the change it tells of: both or neither. */
export async function recordAudit(db: Rows | Tx, note: AuditNote): Promise<void> {
  const { at, actor, workspaceId = null, action, subject, outcome = "ok", runId, durationMs, detail = {} } = note;
  await db.auditEntry.create({
    data: {
      id: newId("aud", at.getTime()),
      workspaceId: actor?.workspaceId ?? workspaceId,
      userId: actor?.userId ?? null,
      actor: actor ? { ...("credentialId" in actor ? recordOf(actor) : actor) } : {},
      action,
      subject: subject?.slice(0, 320) ?? null,
      outcome,
      runId: runId ?? null,
      durationMs: durationMs ?? null,
      detail: withoutSecrets(detail),
      at,
    },
  });
}
