import type { AuditEntry } from "#server/generated/prisma/client.ts";
import { sha256 } from "#server/kernel/crypto.ts";
import { canonicalJson } from "#server/mcp/canonical-json.ts";

/** A row as the chain covers it: everything but its place and its hash. */
export type ChainedEntry = Omit<AuditEntry, "seq" | "hash">;

export const CHAINED_COLUMNS = `id, "workspaceId", "userId", actor, action, subject, "runId", outcome, "durationMs", detail, at`;

/** What stands before the first entry. */
export const GENESIS = "0".repeat(64);

/** sha-256 (hexadecimal) of the hash before and the entry as canonical JSON. */
export const entryHash = (
  before: string,
  { id, workspaceId, userId, actor, action, subject, runId, outcome, durationMs, detail, at }: ChainedEntry,
): string =>
  sha256(
    before + canonicalJson({ id, workspaceId, userId, actor, action, subject, runId, outcome, durationMs, detail, at }),
  );

/** Where retention keeps the last entry that it took away: the chain is followed from there. */
export const ANCHOR_KEY = "audit.anchor";
/** Where the linker keeps how far the chain reaches, so that a loss of its last entries shows too. */
export const HEAD_KEY = "audit.head";
export interface ChainHead {
  seq: string;
  hash: string;
}
