import type { Actor } from "../../kernel/actor.ts";
import { randomToken, sha256 } from "../../kernel/crypto.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { allows, type Permission } from "../../kernel/permissions.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { ApiKey, ById, CreateApiKey, NewApiKey } from "./schema.ts";

type KeyDeps = Pick<Deps, "db" | "clock">;

export const API_KEY = /^osf_[0-9a-f]{32}$/;
const COLUMNS = {
  id: true,
  name: true,
  hint: true,
  scopes: true,
  createdAt: true,
  expiresAt: true,
  lastUsedAt: true,
} as const;

/**
 * A key for the actor in the workspace they are in; the key itself is in the answer and nowhere else. Neither scopes
 * nor life go beyond those of the credential that creates it. Throws `api-key.scope`, `api-key.expiry` (422).
 */
export async function createApiKey(
  { db, clock }: KeyDeps,
  actor: Actor,
  { name, scopes, expiresAt }: CreateApiKey,
): Promise<NewApiKey> {
  const at = clock.now();
  const given = scopesFor(actor, scopes);
  const key = `osf_${randomToken(16)}`;
  return db.$transaction(async (tx) => {
    const creator =
      actor.via === "api-key"
        ? await tx.apiKey.findUnique({ where: { id: actor.credentialId }, select: { expiresAt: true } })
        : null;
    const ends = expiresAt ?? creator?.expiresAt ?? null;
    if (ends && ends <= at) throw wrongExpiry("The expiry must lie in the future");
    if (ends && creator?.expiresAt && ends > creator.expiresAt)
      throw wrongExpiry("A key cannot outlive the key that creates it");
    const row = await tx.apiKey.create({
      data: {
        id: newId("key", at.getTime()),
        workspaceId: actor.workspaceId,
        userId: actor.userId,
        name,
        hint: key.slice(0, 8),
        hash: sha256(key),
        scopes: given,
        createdAt: at,
        expiresAt: ends,
      },
      select: COLUMNS,
    });
    await recordAudit(tx, {
      at,
      actor,
      action: "api-key.create",
      subject: row.id,
      detail: { name, hint: row.hint, scopes: given, expiresAt: ends?.toISOString() ?? null },
    });
    return { ...row, key };
  });
}

function scopesFor(actor: Actor, wanted: readonly Permission[]): string[] {
  // No scopes mean all that the role allows: for a creator that is itself limited, all that it was given.
  if (wanted.length === 0) return actor.scopes ?? [];
  const beyond = wanted.findIndex((scope) => !allows(actor, scope));
  if (beyond < 0) return [...new Set(wanted)];
  const message = `You do not have the permission ${wanted[beyond]} here, so the key cannot have it`;
  throw new AppError("unprocessable", "api-key.scope", message, { fields: [{ path: `scopes[${beyond}]`, message }] });
}

const wrongExpiry = (message: string) =>
  new AppError("unprocessable", "api-key.expiry", message, { fields: [{ path: "expiresAt", message }] });

/** The actor's keys in this workspace that are not revoked, the newest first; those that expired are among them. */
export async function listApiKeys(
  { db }: Pick<Deps, "db">,
  actor: Actor,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: ApiKey[]; nextCursor: string | null }> {
  const rows = await db.apiKey.findMany({
    where: {
      userId: actor.userId,
      workspaceId: actor.workspaceId,
      revokedAt: null,
      ...(cursor ? { id: { lt: cursor } } : {}),
    },
    select: COLUMNS,
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Throws `missing` for another's key and for one that is revoked. */
export async function revokeApiKey({ db, clock }: KeyDeps, actor: Actor, { id }: ById): Promise<void> {
  const at = clock.now();
  await db.$transaction(async (tx) => {
    const { count } = await tx.apiKey.updateMany({
      where: { id, userId: actor.userId, workspaceId: actor.workspaceId, revokedAt: null },
      data: { revokedAt: at },
    });
    if (count === 0) throw missing("API key");
    await recordAudit(tx, { at, actor, action: "api-key.revoke", subject: id });
  });
}
