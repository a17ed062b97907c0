import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { ConsentForm } from "#app/_features/oauth/consent-form.tsx";
import { container } from "#server/container.ts";

export const metadata: Metadata = { title: "Connect an app", referrer: "same-origin" };

export default async function ConsentPage({ params }: { params: Promise<{ uid: string }> }) {
  const { uid } = await params;
  const actor = await pageActor(`/oauth/consent/${encodeURIComponent(uid)}`);
  const view = await container().consent(actor, new Headers(await headers()), uid);
  if (!view) redirect("/oauth/error?code=oauth.gone");
  return <ConsentForm view={view} />;
}
