import { AdminAudit } from "#app/_features/audit/audit-pages.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page() {
  await pageActor("/admin/audit");
  return <AdminAudit />;
}
