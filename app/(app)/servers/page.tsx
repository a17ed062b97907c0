import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { serversViewer } from "#app/_features/servers/servers-viewer.ts";
import { LazyServersPage } from "#app/_features/servers/lazy-pages.tsx";

export const metadata: Metadata = { title: "Tools" };

export default async function Page() {
  const actor = await pageActor("/servers");
  return <LazyServersPage viewer={serversViewer(actor)} />;
}
