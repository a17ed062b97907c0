import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ConnectionsPage } from "#app/_features/connections/connections-page.tsx";

export const metadata: Metadata = { title: "Connections" };

export default async function Page(props: { searchParams: Promise<{ problem?: string | string[] }> }) {
  await pageActor("/settings/connections");
  const { problem } = await props.searchParams;
  return <ConnectionsPage problem={typeof problem === "string" ? problem : null} />;
}
