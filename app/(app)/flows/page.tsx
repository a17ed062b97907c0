import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { FlowsPage } from "#app/_features/flows/flows-page.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Flows" };

export default async function Page() {
  const actor = await pageActor("/flows");
  return <FlowsPage mayWrite={allows(actor, "flow.write")} />;
}
