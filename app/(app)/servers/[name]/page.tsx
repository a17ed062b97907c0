import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { LazyServerPage } from "#app/_features/servers/lazy-pages.tsx";
import { serverTab } from "#app/_features/servers/server-tabs.ts";
import { serversViewer } from "#app/_features/servers/servers-viewer.ts";

export const metadata: Metadata = { title: "Server" };

export default async function Page(props: {
  params: Promise<{ name: string }>;
  searchParams: Promise<{ tab?: string | string[] }>;
}) {
  const [{ name }, { tab }] = await Promise.all([props.params, props.searchParams]);
  const actor = await pageActor(`/servers/${encodeURIComponent(name)}`);
  return <LazyServerPage key={name} name={name} viewer={serversViewer(actor)} tab={serverTab(tab)} />;
}
