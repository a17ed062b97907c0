import type { Metadata } from "next";
import { ForbiddenState } from "#app/_ui/feedback/access-states.tsx";
import { WorkspaceAudit } from "#app/_features/audit/audit-pages.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Audit" };

export default async function Page() {
  const actor = await pageActor("/settings/audit");
  return allows(actor, "audit.read") ? <WorkspaceAudit /> : <ForbiddenState size="compact" />;
}
