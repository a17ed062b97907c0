import type { Actor } from "../../kernel/actor.ts";
import { missing } from "../../kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { ownerFor } from "./owner.ts";
import type { ListSecrets, SecretRef, SecretUsage, SecretView } from "./schema.ts";
import { INSTALLATION } from "./store.ts";
import { upstreamsBySecret } from "./used-by.ts";

/** The names of the secrets and what is known of them; never a value. */
export async function listSecrets(
  deps: Pick<Deps, "db" | "vault">,
  actor: Actor,
  { scope }: ListSecrets,
): Promise<SecretView[]> {
  const owner = ownerFor(actor, scope, "read");
  const [secrets, usedBy] = await Promise.all([deps.vault.store.list(owner), upstreamsBySecret(deps, owner)]);
  return secrets.map((secret) => ({ ...secret, usedBy: usedBy.get(secret.name) ?? [] }));
}

const LATEST = 100;

/** Who used a secret when, and what would not work without it. Throws `secret.missing` (404). */
export async function secretUsage(
  deps: Pick<Deps, "db" | "vault">,
  actor: Actor,
  { name, scope }: SecretRef,
): Promise<SecretUsage> {
  const owner = ownerFor(actor, scope, "read");
  if (!(await deps.vault.store.list(owner)).some((secret) => secret.name === name)) throw missing("secret");
  const entries = await deps.db.auditEntry.findMany({
    where: { workspaceId: owner === INSTALLATION ? null : owner, action: "secret.use", subject: name },
    orderBy: { at: "desc" },
    take: LATEST,
  });
  const people = await deps.db.user.findMany({
    where: { id: { in: entries.flatMap(({ userId }) => userId ?? []) } },
    select: { id: true, name: true },
  });
  const nameOf = new Map(people.map((person) => [person.id, person.name]));
  return {
    usedBy: (await upstreamsBySecret(deps, owner)).get(name) ?? [],
    uses: entries.map(({ at, userId, detail, runId }) => ({
      at,
      userId,
      person: userId ? (nameOf.get(userId) ?? null) : null,
      purpose: String((detail as { purpose?: unknown }).purpose ?? ""), // written by the vault's own log
      runId,
    })),
  };
}
