import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ForbiddenSecrets } from "#app/_features/secrets/forbidden-secrets.tsx";
import { SecretsPage } from "#app/_features/secrets/secrets-page.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Secrets" };

export default async function Page() {
  const actor = await pageActor("/settings/secrets");
  return allows(actor, "secret.read") ? (
    <SecretsPage writes={allows(actor, "secret.write")} owner={actor.owner} />
  ) : (
    <ForbiddenSecrets />
  );
}
