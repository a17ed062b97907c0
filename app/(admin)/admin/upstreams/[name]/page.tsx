import { LazyUpstreamPage } from "#app/_features/admin/lazy-pages.tsx";
import { pageActor } from "#app/_features/auth/page-actor.ts";

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  await pageActor(`/admin/upstreams/${encodeURIComponent(name)}`);
  return <LazyUpstreamPage key={name} name={name} />;
}
