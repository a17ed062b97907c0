import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { OneConnection } from "#app/_features/connections/one-connection.tsx";

export const metadata: Metadata = { title: "Connection" };

export default async function Page({ params }: { params: Promise<{ upstream: string }> }) {
  const { upstream } = await params;
  await pageActor(`/connections/${encodeURIComponent(upstream)}`);
  return <OneConnection upstream={upstream} />;
}
