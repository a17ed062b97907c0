import type { Actor } from "../../kernel/actor.ts";
import { missing } from "../../kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { recordAudit } from "../audit/index.ts";
import { ownerFor } from "./owner.ts";
import type { SecretRef } from "./schema.ts";
import { SECRETS_TOPIC } from "./vault.ts";

/** Removes a secret; what is set up with it fails from now on with its name. Throws `secret.missing` (404). */
export async function removeSecret(
  deps: Pick<Deps, "live" | "clock" | "vault">,
  actor: Actor,
  { name, scope }: SecretRef,
): Promise<void> {
  const owner = ownerFor(actor, scope, "write");
  const removed = await deps.vault.store.remove(owner, name, async (tx) => {
    await recordAudit(tx, { at: deps.clock.now(), actor, action: "secret.remove", subject: name, detail: { scope } });
    await deps.live.publishIn(tx, SECRETS_TOPIC, owner);
  });
  if (!removed) throw missing("secret");
}
