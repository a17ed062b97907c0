import { UpstreamPage } from "#app/_features/admin/upstream-page.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  await pageActor(`/admin/upstreams/${encodeURIComponent(name)}`);
  return <UpstreamPage key={name} name={name} />;
}
