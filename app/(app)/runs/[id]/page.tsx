import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { RunPage } from "#app/_features/runs/run-page.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Run" };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const actor = await pageActor(`/runs/${encodeURIComponent(id)}`);
  const viewer = {
    userId: actor.userId,
    controlsRuns: allows(actor, "run.control"),
    runsFlows: allows(actor, "flow.run"),
  };
  return <RunPage key={id} id={id} viewer={viewer} />;
}
