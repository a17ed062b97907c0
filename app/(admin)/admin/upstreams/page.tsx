import { UpstreamsPage } from "#app/_features/admin/upstreams-page.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page() {
  await pageActor("/admin/upstreams");
  return <UpstreamsPage />;
}
