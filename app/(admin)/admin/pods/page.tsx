import { LazyPodsPage } from "#app/_features/admin/lazy-pages.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page() {
  await pageActor("/admin/pods");
  return <LazyPodsPage />;
}
