import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { CataloguePage } from "#app/_features/catalogue/catalogue-page.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Catalogue" };

export default async function Page() {
  const actor = await pageActor("/servers/catalogue");
  return <CataloguePage activates={allows(actor, "upstream.activate")} keepsSecrets={allows(actor, "secret.write")} />;
}
