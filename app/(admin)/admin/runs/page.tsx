import { AdminRuns } from "#app/_features/admin/admin-runs.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page() {
  await pageActor("/admin/runs");
  return <AdminRuns />;
}
