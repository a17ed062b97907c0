import { ModelPage } from "#app/_features/admin/model-page.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page() {
  await pageActor("/admin/model");
  return <ModelPage />;
}
