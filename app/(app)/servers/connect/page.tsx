import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ConnectPage } from "#app/_features/connect/connect-page.tsx";
import { container } from "#server/container.ts";

export const metadata: Metadata = { title: "Connect an MCP client" };

export default async function Page() {
  await pageActor("/servers/connect");
  return <ConnectPage origin={container().about.publicUrl} />;
}
