import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ForbiddenReview } from "#app/_features/tool-review/forbidden-review.tsx";
import { QuarantinePage } from "#app/_features/tool-review/quarantine-page.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Quarantine" };

export default async function Page() {
  const actor = await pageActor("/servers/quarantine");
  return allows(actor, "tool.review") ? <QuarantinePage /> : <ForbiddenReview />;
}
