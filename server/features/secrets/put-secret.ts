import type { Actor } from "../../kernel/actor.ts";
import type { Deps } from "../deps.ts";
import { recordAudit } from "../audit/index.ts";
import { ownerFor } from "./owner.ts";
import type { PutSecret, SecretView } from "./schema.ts";
import { upstreamsBySecret } from "./used-by.ts";
import { SECRETS_TOPIC } from "./vault.ts";

/**
 * Sets a secret, new or with another value. All processes forget the value before. The audit tells the name and whether
 * it is new, never anything of the value.
 */
export async function putSecret(
  deps: Pick<Deps, "db" | "live" | "clock" | "vault">,
  actor: Actor,
  { name, value, description, scope }: PutSecret,
): Promise<SecretView> {
  const owner = ownerFor(actor, scope, "write");
  await deps.vault.store.put(owner, { name, value, description, byId: actor.userId }, async (tx, created) => {
    const action = created ? "secret.create" : "secret.replace";
    await recordAudit(tx, { at: deps.clock.now(), actor, action, subject: name, detail: { scope } });
    await deps.live.publishIn(tx, SECRETS_TOPIC, owner);
  });
  const kept = (await deps.vault.store.list(owner)).find((secret) => secret.name === name);
  if (!kept) throw new Error("a secret that was just set is gone"); // only a removal in this very moment
  return { ...kept, usedBy: (await upstreamsBySecret(deps, owner)).get(name) ?? [] };
}
